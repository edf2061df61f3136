package io.sluice.api.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt ended: feedback for balancers, outlier detectors, limiters, breakers and retry
 * policies. Valid during the call only.
 */
public interface AttemptOutcome {

  /** The status that the endpoint sent, or 0 when no response head came. */
  int status();

  /** What failed, or null when the response came through whole (whatever its status). */
  @Nullable ErrorKind error();

  /**
   * Whether it is nobody's fault and, unless it is {@link #overtaken}, says nothing about the
   * endpoint. Without an {@link #error} nobody waits for it any more: the client went away, or
   * another attempt was answered first. With one the client does wait: the endpoint said that it
   * has done nothing with the request, or had closed the connection before it heard of it.
   */
  boolean cancelled();

  /**
   * Whether it was cancelled since its hedge, which began later, was answered first. How long it
   * would have taken nobody knows: longer than {@link #firstByteNanos}, which is the time until
   * then.
   */
  default boolean overtaken() {
    return false;
  }

  /**
   * Whether an octet of the request reached the socket, and the endpoint did not say that it has
   * done nothing with it (RFC 9113 §8.7). Where not, the same request may be sent again.
   */
  boolean requestSent();

  /** Nanoseconds from the attempt's start to the response head, or to the failure. */
  long firstByteNanos();

  /** Nanoseconds from the attempt's start to its end. */
  long durationNanos();

  /** The Retry-After of the response in nanoseconds, or −1. */
  long retryAfterNanos();

  /**
   * Whether the endpoint is at fault: an error on its side, or a 5xx status other than 501 and 505.
   * Those two answer what a client asked for, and no client may make an endpoint look ill. Nor is
   * it the endpoint's fault when a limit of our own stood in the way.
   */
  default boolean failed() {
    if (cancelled()) {
      return false;
    }
    ErrorKind error = error();
    if (error != null) {
      return error.source() == ProxyError.Source.UPSTREAM;
    }
    return status() >= 500 && status() != 501 && status() != 505;
  }
}
