package io.sluice.api.observe;

import java.util.function.DoubleSupplier;

/**
 * Makes meters. Resolve them when the plugin is created, never per exchange. Names are Prometheus
 * names ({@code sluice_rate_limited_total}); labels come as name, value, name, value and must be
 * bounded by the configuration, never by traffic. Asking again for the same name and labels answers
 * the same meter. From any thread.
 */
public interface Meters {

  /** A number that only grows. */
  Counter counter(String name, String... labels);

  /** A distribution of times over fixed buckets. */
  Timer timer(String name, String... labels);

  /** A number read when asked for; replaces an earlier one with the same name and labels. */
  void gauge(String name, DoubleSupplier value, String... labels);

  /** A number that only grows. Lock-free. */
  interface Counter {
    /** Adds 1. */
    default void increment() {
      add(1);
    }

    /** Adds {@code amount}, at least 0. */
    void add(long amount);
  }

  /** A distribution of times. Lock-free. */
  interface Timer {
    /** Records one time in nanoseconds. */
    void record(long nanos);
  }
}
