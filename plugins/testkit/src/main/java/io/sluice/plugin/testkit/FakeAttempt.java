package io.sluice.plugin.testkit;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended, as the test says. Immutable.
 *
 * @param status the status, or 0
 * @param error what failed, or null
 * @param cancelled whether nobody waits for it any more
 * @param requestSent whether an octet went out
 * @param firstByteNanos time to the head or the failure
 * @param durationNanos time to the end
 * @param retryAfterNanos the response's Retry-After, or −1
 * @param overtaken whether its hedge was answered first
 */
public record FakeAttempt(
    int status,
    @Nullable ErrorKind error,
    boolean cancelled,
    boolean requestSent,
    long firstByteNanos,
    long durationNanos,
    long retryAfterNanos,
    boolean overtaken)
    implements AttemptOutcome {

  /** One that no hedge overtook. */
  public FakeAttempt(
      int status,
      @Nullable ErrorKind error,
      boolean cancelled,
      boolean requestSent,
      long firstByteNanos,
      long durationNanos,
      long retryAfterNanos) {
    this(
        status,
        error,
        cancelled,
        requestSent,
        firstByteNanos,
        durationNanos,
        retryAfterNanos,
        false);
  }

  /** An attempt that was answered with {@code status} after 1 ms. */
  public static FakeAttempt answered(int status) {
    return new FakeAttempt(status, null, false, true, 1_000_000, 1_000_000, -1);
  }

  /** An attempt that failed after 1 ms; octets went out unless no connection was made. */
  public static FakeAttempt failed(ErrorKind error) {
    boolean connected =
        error != ErrorKind.CONNECTION_REFUSED
            && error != ErrorKind.CONNECTION_TIMEOUT
            && error != ErrorKind.DNS_ERROR
            && error != ErrorKind.TLS_ERROR
            && error != ErrorKind.TLS_CERTIFICATE_ERROR
            && error != ErrorKind.TLS_ALERT_RECEIVED;
    return new FakeAttempt(0, error, false, connected, 1_000_000, 1_000_000, -1);
  }

  /** An attempt whose client went away after 1 ms. */
  public static FakeAttempt abandoned() {
    return new FakeAttempt(0, ErrorKind.CLIENT_CLOSED, true, true, 1_000_000, 1_000_000, -1);
  }

  /** An attempt that its hedge overtook after 1 ms. */
  public static FakeAttempt beaten() {
    return new FakeAttempt(0, null, true, true, 1_000_000, 1_000_000, -1, true);
  }

  /** The same after another time. */
  public FakeAttempt after(Duration time) {
    long nanos = time.toNanos();
    return new FakeAttempt(
        status, error, cancelled, requestSent, nanos, nanos, retryAfterNanos, overtaken);
  }

  /** The same with a Retry-After. */
  public FakeAttempt retryAfter(Duration time) {
    return new FakeAttempt(
        status,
        error,
        cancelled,
        requestSent,
        firstByteNanos,
        durationNanos,
        time.toNanos(),
        overtaken);
  }
}
