package io.sluice.plugin.retrystandard;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the exchanges that are at a retry to a share of those under way, as Envoy's {@code
 * retry_budget} does: where an upstream has slowed down, a budget by time alone lets retries pile
 * up. A few are always allowed, so that an upstream with little to do has some.
 *
 * <p>An exchange whose first retry was granted counts until it ends. Safe on all threads; threads
 * that ask at the same moment may each get the last place.
 */
final class ConcurrentShare {

  private final double share;
  private final int atLeast;
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger retrying = new AtomicInteger();

  ConcurrentShare(double share, int atLeast) {
    this.share = share;
    this.atLeast = atLeast;
  }

  /** What the configuration asks for, or null for none. */
  static @Nullable ConcurrentShare of(StandardRetryConfig.BudgetConfig config) {
    return config.concurrent() == 0
        ? null
        : new ConcurrentShare(config.concurrent(), config.minConcurrent());
  }

  void onRequest() {
    active.incrementAndGet();
  }

  /** An exchange ended whose retry was granted so often. */
  void onRequestEnd(int retries) {
    active.decrementAndGet();
    if (retries > 0) {
      retrying.decrementAndGet();
    }
  }

  /** Whether one more exchange may begin its first retry. */
  boolean hasRoom() {
    return retrying.get() < Math.max(atLeast, (int) (share * active.get()));
  }

  /** An exchange begins its first retry. */
  void begin() {
    retrying.incrementAndGet();
  }
}
