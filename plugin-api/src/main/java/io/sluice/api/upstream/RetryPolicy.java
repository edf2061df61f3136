package io.sluice.api.upstream;

import io.sluice.api.http.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a failed attempt is followed by another one. One instance for each upstream or
 * route that declares one, and one made of it by {@link #forRoute} for each route of the upstream;
 * shared by all event loops; must not block. What throws is logged and counts as a no.
 *
 * <p>The core adds what no policy may break: after octets went out only idempotent methods are
 * tried again (RFC 9110 §9.2.2), a body only while it is wholly in memory, never once the response
 * has begun to reach the client, and never the same endpoint while another is eligible.
 */
public interface RetryPolicy extends AutoCloseable {

  /** Do not try again. */
  long NO = -1;

  /**
   * The policy for one of the routes that lead to the upstream: the same rules, budgets of its own,
   * so that a route in trouble does not use up the retries of the others. Called on the
   * configuration thread when a route first needs it, and closed before this one is.
   *
   * @param route the route's name
   * @return by default this instance itself, which all routes then share
   */
  default RetryPolicy forRoute(String route) {
    return this;
  }

  /** The most attempts for one exchange, the first one included; at least 1. */
  int maxAttempts();

  /** The time limit of one attempt in nanoseconds; {@link Long#MAX_VALUE} for none. */
  default long perTryNanos() {
    return Long.MAX_VALUE;
  }

  /**
   * A first attempt goes out: where budgets earn. Followed by exactly one {@link #onRequestEnd}.
   */
  default void onRequest() {}

  /**
   * The exchange that {@link #onRequest} told of has ended.
   *
   * @param retries how often {@link #retryAfter} said yes to it; where that is not 0, its last
   *     retry was in flight until now
   */
  default void onRequestEnd(int retries) {}

  /**
   * Whether to try again; called only where the core allows it and {@link #maxAttempts} leaves
   * room. A yes spends of the budget.
   *
   * @param request null for a TCP connection, which is tried again only while none was made
   * @param attempts tries made so far, at least 1
   * @return nanoseconds to wait before the next attempt, or {@link #NO}
   */
  long retryAfter(@Nullable RequestHead request, AttemptOutcome outcome, int attempts);

  /**
   * Whether a response with this status may be given up for another attempt: asked when the head
   * comes, before anything is relayed. Must not spend of the budget.
   */
  boolean retriesStatus(int status);

  /** No exchange uses this policy any longer. */
  @Override
  default void close() {}
}
