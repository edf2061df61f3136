package io.sluice.core.observe;

import io.sluice.api.observe.Meters;
import io.sluice.core.observe.Family.Series;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The meters that one owner asked for: a generation, an endpoint, a plugin instance. From {@link
 * MeterRegistry#scope}; the owner closes it. A meter is exposed while any scope holds it, so what
 * an old and a new generation share goes on counting across a reload.
 *
 * <p>After {@link #close} it still answers meters, for exchanges that end late: the exposed one
 * where another scope holds it, else one that nobody sees. From any thread.
 */
public final class MeterScope implements Meters, AutoCloseable {

  private final MeterRegistry registry;
  private final Map<Series, Family> held = new HashMap<>();
  private boolean closed;

  MeterScope(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A counter; {@code _total} is added to the name where it is missing. */
  @Override
  public io.sluice.core.observe.Counter counter(String name, String... labels) {
    return registry.counter(this, name, labels);
  }

  /** A histogram; its buckets are those that {@link MetricNames} gives the name. */
  public Histogram histogram(String name, String... labels) {
    return registry.histogram(this, name, labels);
  }

  @Override
  public Histogram timer(String name, String... labels) {
    return histogram(name, labels);
  }

  /** A gauge; of several scopes' sources the latest that is open is read. NaN where it throws. */
  @Override
  public void gauge(String name, DoubleSupplier value, String... labels) {
    registry.pulled(this, MeterType.GAUGE, name, value, labels);
  }

  /** A counter that is kept elsewhere and read when someone scrapes; it must never fall. */
  public void pulledCounter(String name, DoubleSupplier total, String... labels) {
    registry.pulled(this, MeterType.COUNTER, name, total, labels);
  }

  /** Lets go of every meter; those that no other scope holds disappear. Safe to call again. */
  @Override
  public void close() {
    synchronized (registry) {
      closed = true;
      registry.release(this, held);
      held.clear();
    }
  }

  boolean closed() {
    return closed;
  }

  void hold(Series series, Family family) {
    if (held.putIfAbsent(series, family) == null) {
      series.hold();
    }
  }
}
