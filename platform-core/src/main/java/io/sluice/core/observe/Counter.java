package io.sluice.core.observe;

import com.codahale.metrics.Counting;
import io.sluice.api.observe.Meters;
import java.util.concurrent.atomic.LongAdder;

/**
 * A number that only grows, spread over cells when threads contend for it. From {@link MeterScope};
 * from any thread; lock-free and without allocation.
 */
public final class Counter implements Meters.Counter, OwnMeter, Counting {

  private final LongAdder total = new LongAdder();

  Counter() {}

  @Override
  public void increment() {
    total.increment();
  }

  @Override
  public void add(long amount) {
    total.add(amount);
  }

  /** What was added so far; concurrent additions may or may not be in it. */
  @Override
  public long getCount() {
    return total.sum();
  }
}
