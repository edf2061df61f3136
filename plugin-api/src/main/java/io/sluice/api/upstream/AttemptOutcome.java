package io.sluice.api.upstream;

import io.sluice.api.error.ErrorKind;
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

  /** Whether the client went away first; then the attempt says nothing about the endpoint. */
  boolean cancelled();

  /** Whether an octet of the request reached the socket. */
  boolean requestSent();

  /** Nanoseconds from the attempt's start to the response head, or to the failure. */
  long firstByteNanos();

  /** Nanoseconds from the attempt's start to its end. */
  long durationNanos();

  /** The Retry-After of the response in nanoseconds, or −1. */
  long retryAfterNanos();

  /** Whether the endpoint is at fault: an error on its side or a 5xx status. */
  default boolean failed() {
    return !cancelled() && (error() != null || status() >= 500);
  }
}
