package io.sluice.api.limit;

import io.sluice.api.upstream.AttemptOutcome;

/**
 * Stops asking an upstream that fails, and finds out when it may be asked again. One instance for
 * each upstream; called on every event loop; must not block.
 */
public interface CircuitBreaker extends AutoCloseable {

  /** The states of the pattern (M. Nygard, Release It!). */
  enum State {
    /** Everything passes. */
    CLOSED,
    /** Nothing passes. */
    OPEN,
    /** A few trial attempts pass. */
    HALF_OPEN
  }

  /** Whether an attempt may go. A {@code true} is followed by exactly one {@link #onAttemptEnd}. */
  boolean tryPass();

  /** That attempt ended. */
  void onAttemptEnd(AttemptOutcome outcome);

  /** The state at present. */
  State state();

  /** Nanoseconds until the next trial, for Retry-After; 0 when not open. */
  long retryAfterNanos();

  /** No upstream uses this breaker any longer. */
  @Override
  default void close() {}
}
