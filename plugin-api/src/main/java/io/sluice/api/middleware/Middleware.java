package io.sluice.api.middleware;

import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import io.sluice.api.http.ResponseHead;
import io.sluice.api.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * A step that every exchange of a listener or a route passes. One instance serves all exchanges, on
 * all event loops at once, so its own state must be thread-safe; what belongs to one exchange lives
 * in an {@link Attribute}.
 *
 * <p>The order is that of the configuration's list on the way in, and the reverse on the way out.
 *
 * <pre>
 *   onRequest ─▶ requestBody ─▶ (cache, attempts: onAttempt) ─▶ onInformational* ─▶ onResponse
 *             ─▶ responseBody ─▶ onTrailers ─▶ onComplete
 * </pre>
 *
 * <p>Every response passes {@code onResponse} of each middleware whose {@code onRequest} ran, those
 * included that the proxy makes itself. Where a response fails on its way out, before its head was
 * sent, the error that takes its place passes all of them once more, from the first: {@code
 * onResponse} may run more than once in an exchange, each time with another head. Two do not see
 * what follows: a middleware whose own {@code onResponse} failed, and, where one answers {@link
 * Flow#RESPONDED} there, those that ran before it. {@code onComplete} runs exactly once for each
 * whose {@code onRequest} ran.
 *
 * <p>Nothing here may block: see {@link io.sluice.api.PluginContext#offload}. A step that throws,
 * an exception or an error, fails the exchange with 500 {@code proxy_internal_error} and no other,
 * unless its binding says {@code on-error = continue}. Behind the head the response is broken off.
 * What {@code onComplete} throws is logged.
 */
public interface Middleware extends AutoCloseable {

  /** The request head is complete; the body may still be on its way. */
  default Flow onRequest(Exchange exchange) {
    return Flow.CONTINUE;
  }

  /** The final response head is there; {@link Exchange#response} answers it. */
  default Flow onResponse(Exchange exchange) {
    return Flow.CONTINUE;
  }

  /** Asked once, after {@link #onRequest}; null leaves the request body untouched and unseen. */
  default @Nullable BodyTransform requestBody(Exchange exchange) {
    return null;
  }

  /** Asked once, after {@link #onResponse}; null leaves the response body untouched and unseen. */
  default @Nullable BodyTransform responseBody(Exchange exchange) {
    return null;
  }

  /**
   * An attempt is about to be sent. {@code head} is this attempt's own copy, after rewrites: edits
   * reach this endpoint only. For tracing and signing.
   */
  default void onAttempt(Exchange exchange, RequestHead head, Endpoint endpoint) {}

  /** An informational (1xx) response is about to be relayed. 101 comes by {@link #onResponse}. */
  default void onInformational(Exchange exchange, ResponseHead head) {}

  /** The trailer section of the response is about to be sent. */
  default void onTrailers(Exchange exchange, Headers trailers) {}

  /** The exchange ended. Runs once, in reverse order, on the exchange's loop. */
  default void onComplete(Exchange exchange, Outcome outcome) {}

  /** No exchange uses this instance any longer. Runs once, off the event loops. */
  @Override
  default void close() {}
}
