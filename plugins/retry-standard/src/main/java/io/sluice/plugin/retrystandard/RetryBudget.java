package io.sluice.plugin.retrystandard;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps retries in proportion to requests, so that an upstream in trouble is not buried under them.
 * The design is that of Finagle's {@code RetryBudget} (Twitter): in any window of {@code reserve},
 * retries are at most {@code ratio} × requests + {@code per-second} × seconds. What was earned
 * expires when it leaves the window, so a quiet night does not pay for a storm in the morning.
 *
 * <p>The window is a ring of seconds that {@link #tick} moves on; requests count in striped cells,
 * and no clock is read. Safe on all threads at once; {@code tick} on one at a time.
 */
final class RetryBudget {

  private final double ratio;
  private final long floor;
  private final LongAdder[] requests;
  private final AtomicInteger[] retries;
  private final AtomicLong retriesInWindow = new AtomicLong();
  private volatile int current;

  RetryBudget(StandardRetryConfig.BudgetConfig config) {
    int seconds = Math.toIntExact(config.reserve().toSeconds());
    this.ratio = config.ratio();
    this.floor = (long) config.perSecond() * seconds;
    this.requests = new LongAdder[seconds];
    this.retries = new AtomicInteger[seconds];
    for (int i = 0; i < seconds; i++) {
      requests[i] = new LongAdder();
      retries[i] = new AtomicInteger();
    }
  }

  /** A request earns its share of a retry. */
  void earn() {
    requests[current].increment();
  }

  /** Spends one retry if there is one. */
  boolean trySpend() {
    long allowed = allowed();
    long spent = retriesInWindow.get();
    while (spent < allowed) {
      if (retriesInWindow.compareAndSet(spent, spent + 1)) {
        retries[current].incrementAndGet();
        return true;
      }
      spent = retriesInWindow.get();
    }
    return false;
  }

  /** A second has passed: the oldest one leaves the window. */
  void tick() {
    int next = (current + 1) % requests.length;
    requests[next].reset();
    retriesInWindow.addAndGet(-retries[next].getAndSet(0));
    current = next;
  }

  private long allowed() {
    long seen = 0;
    for (LongAdder second : requests) {
      seen += second.sum();
    }
    return floor + (long) (ratio * seen);
  }
}
