package io.sluice.plugin.retrystandard;

import java.util.function.LongUnaryOperator;

/**
 * Exponential backoff with full jitter: a wait is drawn evenly from zero to {@code base × 2^n}, at
 * most {@code max}. Of the jitters compared by M. Brooker ("Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015) it makes clients that failed together collide least.
 */
final class Backoff {

  private final long baseNanos;
  private final long maxNanos;
  private final LongUnaryOperator random;

  /**
   * @param random answers a number from 0 to its argument, the latter excluded, on any thread
   */
  Backoff(StandardRetryConfig.BackoffConfig config, LongUnaryOperator random) {
    this.baseNanos = config.base().toNanos();
    this.maxNanos = config.max().toNanos();
    this.random = random;
  }

  /** The wait in nanoseconds after {@code attempts} tries, at least 1. */
  long afterAttempts(int attempts) {
    long ceiling = baseNanos;
    for (int i = 1; i < attempts && ceiling < maxNanos; i++) {
      ceiling = ceiling > maxNanos / 2 ? maxNanos : 2 * ceiling;
    }
    return random.applyAsLong(Math.min(ceiling, maxNanos) + 1);
  }
}
