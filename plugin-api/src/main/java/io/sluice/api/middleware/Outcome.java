package io.sluice.api.middleware;

import io.sluice.api.error.ProxyError;
import org.jspecify.annotations.Nullable;

/**
 * How an exchange ended. Every exchange ends exactly once.
 *
 * @param result in which of the three ways
 * @param status the status code that the client was sent, or 0 when no head was sent
 * @param error what failed; null unless {@code result} is {@link Result#FAILED}
 * @param durationNanos from the first octet of the request head to the end
 * @param requestBytes octets of request content received
 * @param responseBytes octets of response content sent
 * @param attempts tries at endpoints, hedges included
 */
public record Outcome(
    Result result,
    int status,
    @Nullable ProxyError error,
    long durationNanos,
    long requestBytes,
    long responseBytes,
    int attempts) {

  /** The ways an exchange ends. */
  public enum Result {
    /** Both messages went through whole, whatever the status. */
    COMPLETED,
    /** The proxy or the upstream failed; the client saw an error or a broken response. */
    FAILED,
    /** The client went away. */
    CANCELLED
  }
}
