package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.upstream.AttemptOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What is known of how an attempt goes; complete once it ended. Part of the attempt itself, so that
 * its outcome costs no object of its own. Its upstream keeps in it what it lent the attempt, from
 * {@link Upstream#tryAttempt} to {@link Upstream#attemptEnded}. On the attempt's event loop.
 */
public abstract class AttemptResult implements AttemptOutcome {

  private final long startNanos;
  private boolean requestSent;
  private boolean untouched;
  private int status;
  private @Nullable ErrorKind error;
  private boolean cancelled;
  private boolean overtaken;
  private long firstByteNanos;
  private long durationNanos;
  private long retryAfterNanos = -1;

  /** Whether it was let in and has not ended. The upstream's own, like those that follow. */
  boolean admitted;

  /** Whether limiter and breaker wait to hear how it went. */
  boolean reportDue;

  /** Whether outlier detection has heard how it went. */
  boolean judged;

  /** What the circuit breaker answered. */
  long pass = CircuitBreaker.REFUSED;

  /** Permits of the limiter that were taken when it began, its own included. */
  int inFlightAtStart;

  /** An attempt that begins at {@code startNanos}, by {@link System#nanoTime}. */
  protected AttemptResult(long startNanos) {
    this.startNanos = startNanos;
  }

  /** When it began. */
  public final long startNanos() {
    return startNanos;
  }

  /** The request goes out. */
  public final void sent() {
    requestSent = true;
  }

  /** The endpoint said that it has not touched the request (RFC 9113 §8.7). */
  protected final void markUntouched() {
    untouched = true;
  }

  /** Whether octets of it may have left, whatever became of them. */
  public final boolean begun() {
    return requestSent;
  }

  /** The final response head is there. */
  protected final void headCame(int status, long nowNanos) {
    this.status = status;
    firstByteNanos = nowNanos - startNanos;
  }

  /** Nothing that follows is the endpoint's fault. */
  protected final void markCancelled() {
    cancelled = true;
  }

  /** Its hedge was answered first. */
  protected final void markOvertaken() {
    overtaken = true;
  }

  /** What Retry-After said (RFC 9110 §10.2.3). */
  public final void retryAfter(long nanos) {
    retryAfterNanos = nanos;
  }

  /**
   * It is over.
   *
   * @param kind what failed, or null
   */
  protected final void ended(@Nullable ErrorKind kind, long nowNanos) {
    error = kind;
    durationNanos = nowNanos - startNanos;
    if (firstByteNanos == 0) {
      firstByteNanos = durationNanos;
    }
  }

  @Override
  public final int status() {
    return status;
  }

  @Override
  public final @Nullable ErrorKind error() {
    return error;
  }

  @Override
  public final boolean cancelled() {
    return cancelled;
  }

  @Override
  public final boolean overtaken() {
    return overtaken;
  }

  @Override
  public final boolean requestSent() {
    return requestSent && !untouched;
  }

  @Override
  public final long firstByteNanos() {
    return firstByteNanos;
  }

  @Override
  public final long durationNanos() {
    return durationNanos;
  }

  @Override
  public final long retryAfterNanos() {
    return retryAfterNanos;
  }
}
