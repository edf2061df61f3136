package io.sluice.plugin.circuitbreaker;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of the last N seconds, summed by second in a ring (the time-based window of
 * resilience4j). A second's sums are replaced by fresh ones when its place in the ring comes round:
 * one small allocation a second, none for an attempt.
 */
final class LastSeconds implements Window {

  private static final long NANOS = 1_000_000_000L;

  private static final class Second {
    private final long number;
    private final LongAdder calls = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder slow = new LongAdder();

    Second(long number) {
      this.number = number;
    }
  }

  private final AtomicReferenceArray<@Nullable Second> ring;
  private final long startNanos;

  LastSeconds(int seconds, long startNanos) {
    this.ring = new AtomicReferenceArray<>(seconds);
    this.startNanos = startNanos;
  }

  private long number(long nowNanos) {
    return Math.max(0, nowNanos - startNanos) / NANOS;
  }

  @Override
  public void add(boolean failed, boolean slow, long nowNanos) {
    Second second = second(number(nowNanos));
    if (second == null) {
      return;
    }
    second.calls.increment();
    if (failed) {
      second.failed.increment();
    }
    if (slow) {
      second.slow.increment();
    }
  }

  /** The sums of a second; null when a thread comes so late that its place has gone to another. */
  private @Nullable Second second(long number) {
    int place = (int) (number % ring.length());
    while (true) {
      Second there = ring.get(place);
      if (there != null && there.number >= number) {
        return there.number == number ? there : null;
      }
      Second fresh = new Second(number);
      if (ring.compareAndSet(place, there, fresh)) {
        return fresh;
      }
    }
  }

  @Override
  public Counts counts(long nowNanos) {
    long oldest = number(nowNanos) - ring.length() + 1;
    long calls = 0;
    long failed = 0;
    long slow = 0;
    for (int i = 0; i < ring.length(); i++) {
      Second second = ring.get(i);
      if (second != null && second.number >= oldest) {
        calls += second.calls.sum();
        failed += second.failed.sum();
        slow += second.slow.sum();
      }
    }
    return new Counts(bounded(calls), bounded(failed), bounded(slow));
  }

  private static int bounded(long count) {
    return (int) Math.min(Integer.MAX_VALUE, count);
  }
}
