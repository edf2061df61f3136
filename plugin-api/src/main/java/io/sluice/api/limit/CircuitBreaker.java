package io.sluice.api.limit;

import io.sluice.api.upstream.AttemptOutcome;

/**
 * Stops asking an upstream that fails, and finds out when it may be asked again. One instance for
 * each upstream; called on every event loop; must not block. While it refuses, clients are answered
 * 503 of kind {@code circuit_open}; one that throws in {@link #tryPass} fails the exchange with
 * 500.
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

  /** What {@link #tryPass} answers when an attempt may not go. */
  long REFUSED = -1;

  /**
   * Asks whether an attempt may go. A pass is followed by exactly one {@link #onAttemptEnd}.
   *
   * @return {@link #REFUSED}, or a pass: a number of the breaker's own, 0 or more, that comes back
   *     with the outcome, so that a trial is told from an attempt that began before the trials did
   */
  long tryPass();

  /**
   * That attempt ended. For one that turned into a tunnel (101) this is the moment it did.
   *
   * @param pass what {@link #tryPass} answered
   */
  void onAttemptEnd(long pass, AttemptOutcome outcome);

  /** The state at present. */
  State state();

  /** Nanoseconds until the next trial, for Retry-After; 0 when not open. */
  long retryAfterNanos();

  /** No upstream uses this breaker any longer. */
  @Override
  default void close() {}
}
