package io.sluice.api.upstream;

import io.sluice.api.http.RequestHead;

/**
 * Decides whether a failed attempt is followed by another one. One instance for each upstream or
 * route that declares one; shared by all event loops; must not block.
 *
 * <p>The core adds what no policy may break: after octets went out only idempotent methods are
 * tried again (RFC 9110 §9.2.2), a body only while it is wholly in memory, never once the response
 * has begun to reach the client, and never the same endpoint while another is eligible.
 */
public interface RetryPolicy extends AutoCloseable {

  /** Do not try again. */
  long NO = -1;

  /** The most attempts for one exchange, the first one included; at least 1. */
  int maxAttempts();

  /** The time limit of one attempt in nanoseconds; {@link Long#MAX_VALUE} for none. */
  default long perTryNanos() {
    return Long.MAX_VALUE;
  }

  /** A first attempt goes out: where budgets earn. */
  default void onRequest() {}

  /**
   * Whether to try again; called only where the core allows it and {@link #maxAttempts} leaves
   * room. A yes spends of the budget.
   *
   * @param attempts tries made so far, at least 1
   * @return nanoseconds to wait before the next attempt, or {@link #NO}
   */
  long retryAfter(RequestHead request, AttemptOutcome outcome, int attempts);

  /**
   * Whether a response with this status may be given up for another attempt: asked when the head
   * comes, before anything is relayed. Must not spend of the budget.
   */
  boolean retriesStatus(int status);

  /** No exchange uses this policy any longer. */
  @Override
  default void close() {}
}
