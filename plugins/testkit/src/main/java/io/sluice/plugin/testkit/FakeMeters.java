package io.sluice.plugin.testkit;

import io.sluice.api.observe.Meters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/** Meters that a test reads. Thread-safe. */
public final class FakeMeters implements Meters {

  private final Map<List<String>, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<List<String>, List<Long>> timers = new ConcurrentHashMap<>();
  private final Map<List<String>, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name, String... labels) {
    AtomicLong sum = counters.computeIfAbsent(key(name, labels), key -> new AtomicLong());
    return sum::addAndGet;
  }

  @Override
  public Timer timer(String name, String... labels) {
    List<Long> times =
        timers.computeIfAbsent(key(name, labels), key -> new CopyOnWriteArrayList<>());
    return times::add;
  }

  @Override
  public void gauge(String name, DoubleSupplier value, String... labels) {
    gauges.put(key(name, labels), value);
  }

  /** What a counter stands at; 0 when nobody made it. */
  public long count(String name, String... labels) {
    AtomicLong sum = counters.get(key(name, labels));
    return sum == null ? 0 : sum.get();
  }

  /** The times in nanoseconds that a timer was told; empty when nobody made it. */
  public List<Long> times(String name, String... labels) {
    return List.copyOf(timers.getOrDefault(key(name, labels), List.of()));
  }

  /**
   * What a gauge says.
   *
   * @throws IllegalArgumentException when nobody made it
   */
  public double value(String name, String... labels) {
    DoubleSupplier gauge = gauges.get(key(name, labels));
    if (gauge == null) {
      throw new IllegalArgumentException(
          "no gauge " + key(name, labels) + " in " + gauges.keySet());
    }
    return gauge.getAsDouble();
  }

  private static List<String> key(String name, String... labels) {
    if (labels.length % 2 != 0) {
      throw new IllegalArgumentException("a label without a value: " + List.of(labels));
    }
    List<String> key = new ArrayList<>(List.of(labels));
    key.add(0, name);
    return List.copyOf(key);
  }
}
