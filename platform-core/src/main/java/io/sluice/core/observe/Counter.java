package io.sluice.core.observe;

import com.codahale.metrics.Counting;
import io.sluice.api.observe.Meters;

/**
 * A number that only grows. From {@link MeterScope}; from any thread; lock-free, and without
 * allocation after a thread's first addition.
 */
public final class Counter implements Meters.Counter, OwnMeter, Counting {

  private final Cells total = new Cells(1);

  Counter() {}

  @Override
  public void add(long amount) {
    total.add(0, amount);
  }

  /** What was added so far; concurrent additions may or may not be in it. */
  @Override
  public long getCount() {
    return total.sum(0);
  }
}
