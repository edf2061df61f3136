package io.sluice.plugin.circuitbreaker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The last N attempts, as a ring of outcomes with running sums (the count-based window of
 * resilience4j). Each place is exchanged atomically and the sums move by the difference, so they
 * are right whatever order threads come in.
 */
final class LastCalls implements Window {

  private static final int PRESENT = 1;
  private static final int FAILED = 2;
  private static final int SLOW = 4;

  private final AtomicIntegerArray ring;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger slow = new AtomicInteger();

  LastCalls(int size) {
    ring = new AtomicIntegerArray(size);
  }

  @Override
  public void add(boolean wasFailed, boolean wasSlow, long nowNanos) {
    int outcome = PRESENT | (wasFailed ? FAILED : 0) | (wasSlow ? SLOW : 0);
    int place = Integer.remainderUnsigned(next.getAndIncrement(), ring.length());
    int before = ring.getAndSet(place, outcome);
    move(calls, before, outcome, PRESENT);
    move(failed, before, outcome, FAILED);
    move(slow, before, outcome, SLOW);
  }

  private static void move(AtomicInteger sum, int before, int now, int bit) {
    int change = Integer.bitCount(now & bit) - Integer.bitCount(before & bit);
    if (change != 0) {
      sum.addAndGet(change);
    }
  }

  @Override
  public Counts counts(long nowNanos) {
    return new Counts(calls.get(), failed.get(), slow.get());
  }
}
