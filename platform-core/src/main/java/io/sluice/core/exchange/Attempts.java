package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.Known;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one exchange: picks endpoints, tries again where policy and the rules of HTTP
 * allow it, waits in between. On the exchange's event loop.
 */
final class Attempts {

  private static final int MAX_TRIED = 16;

  private final HttpExchange exchange;
  private final @Nullable EndpointState[] tried = new @Nullable EndpointState[MAX_TRIED];
  private int triedCount;
  private int made;
  private @Nullable Attempt current;
  private @Nullable Upstream upstream;
  private @Nullable GuardedRetry policy;
  private long perTryNanos = Long.MAX_VALUE;
  private int retries;
  private boolean backingOff;
  private boolean replayedStale;

  Attempts(HttpExchange exchange) {
    this.exchange = exchange;
  }

  void begin() {
    made = 0;
    triedCount = 0;
    current = null;
    backingOff = false;
    replayedStale = false;
  }

  int made() {
    return made;
  }

  @Nullable Attempt current() {
    return current;
  }

  @Nullable UpstreamConnection connection() {
    Attempt attempt = current;
    return attempt == null ? null : attempt.connection();
  }

  boolean tried(EndpointState endpoint) {
    for (int i = 0; i < triedCount; i++) {
      if (tried[i] == endpoint) {
        return true;
      }
    }
    return upstream != null && upstream.isFull(endpoint);
  }

  /** What is left of the time limit of one attempt. */
  long perTryNanos() {
    Attempt attempt = current;
    if (perTryNanos == Long.MAX_VALUE || attempt == null) {
      return Long.MAX_VALUE;
    }
    return Math.max(1, perTryNanos - attempt.ageNanos());
  }

  void first(Upstream to, @Nullable GuardedRetry retry) {
    upstream = to;
    policy = retry;
    retries = 0;
    perTryNanos = Long.MAX_VALUE;
    if (retry != null) {
      perTryNanos = retry.perTryNanos();
      retry.onRequest();
    }
    start(to);
  }

  private void start(Upstream to) {
    EndpointState endpoint;
    try {
      endpoint = to.pick(exchange);
    } catch (Throwable e) {
      Fatal.rethrow(e);
      exchange.pluginFailed("the balancer of " + to.name(), e);
      return;
    }
    if (endpoint == null) {
      exchange.fail(ErrorKind.NO_ENDPOINT, null);
      return;
    }
    startAt(to, endpoint, false);
  }

  private void startAt(Upstream to, EndpointState endpoint, boolean fresh) {
    Attempt attempt = new Attempt(exchange, to, endpoint, exchange.now());
    ErrorKind refused = to.tryAttempt(endpoint, attempt, 0);
    if (refused != null) {
      exchange.answer.retryAfter(to.retryAfterNanos(refused));
      exchange.fail(refused, null);
      return;
    }
    made++;
    if (triedCount < MAX_TRIED) {
      tried[triedCount++] = endpoint;
    }
    current = attempt;
    exchange.attempted(endpoint);
    if (perTryNanos != Long.MAX_VALUE) {
      exchange.stepDeadline.after(perTryNanos);
    }
    attempt.start(fresh);
  }

  /**
   * An attempt failed before any response.
   *
   * @return whether another one is under way, or will be
   */
  boolean next(Attempt failed, ErrorKind kind, boolean stale) {
    Upstream to = failed.upstream();
    if (stale && !replayedStale && mayRepeat(failed)) {
      // RFC 9112 §9.3.1: a connection that was idle may have been closed before it heard of us.
      replayedStale = true;
      made--;
      rewind(failed);
      startAt(to, failed.endpoint(), true);
      return true;
    }
    if (policy == null || kind == ErrorKind.LIMIT_REACHED || !mayRepeat(failed)) {
      return false;
    }
    if (made >= policy.maxAttempts()) {
      to.countRetry(Upstream.Retry.EXHAUSTED);
      return false;
    }
    long wait = policy.retryAfter(exchange.request(), failed, made);
    if (wait < 0) {
      to.countRetry(Upstream.Retry.REFUSED);
      return false;
    }
    again(failed, to, wait);
    return true;
  }

  private boolean mayRepeat(Attempt failed) {
    if (!failed.requestSent()) {
      return true;
    }
    return Idempotence.of(exchange.request().method())
        && (exchange.requestSender.body().replayable() || !exchange.hasContent());
  }

  private void rewind(Attempt failed) {
    if (failed.requestSent()) {
      exchange.requestSender.body().rewind();
    }
  }

  private void again(Attempt failed, Upstream to, long waitNanos) {
    to.countRetry(Upstream.Retry.RETRIED);
    retries++;
    rewind(failed);
    if (waitNanos == 0) {
      start(to);
    } else {
      backingOff = true;
      exchange.stepDeadline.after(waitNanos);
    }
  }

  /**
   * Whether the response of {@code attempt} is given up for another attempt; then it is under way.
   */
  boolean retriesResponse(Attempt attempt, ParsedResponse head) {
    if (policy == null
        || made >= policy.maxAttempts()
        || !policy.retriesStatus(head.status())
        || !mayRepeat(attempt)) {
      return false;
    }
    attempt.retryAfter(retryAfterNanos(head));
    long wait = policy.retryAfter(exchange.request(), attempt, made);
    if (wait < 0) {
      attempt.upstream().countRetry(Upstream.Retry.REFUSED);
      return false;
    }
    attempt.giveUp();
    again(attempt, attempt.upstream(), wait);
    return true;
  }

  private static long retryAfterNanos(ParsedResponse head) {
    String value = head.headers().get(Known.RETRY_AFTER);
    if (value == null || !value.matches("[0-9]{1,9}")) {
      return -1;
    }
    return TimeUnit.SECONDS.toNanos(Long.parseLong(value));
  }

  /** The step's deadline passed while attempts are made. */
  void timeUp() {
    Attempt attempt = current;
    if (backingOff) {
      backingOff = false;
      if (upstream != null) {
        start(upstream);
      }
    } else if (attempt != null && attempt.state() != Attempt.State.OVER) {
      attempt.fail(ErrorKind.RESPONSE_TIMEOUT);
      exchange.forwarding.onAttemptFailed(attempt, ErrorKind.RESPONSE_TIMEOUT, false);
    }
  }

  /** Gives up whatever is under way; it says nothing about the endpoint. */
  void cancel() {
    backingOff = false;
    if (current != null) {
      current.cancel();
    }
  }

  /** Gives up whatever is under way, as a failure of the endpoint. */
  void failCurrent(ErrorKind kind) {
    backingOff = false;
    if (current != null) {
      current.fail(kind);
    }
  }

  void release() {
    if (policy != null) {
      policy.onRequestEnd(retries);
    }
    current = null;
    upstream = null;
    policy = null;
    for (int i = 0; i < triedCount; i++) {
      tried[i] = null;
    }
    triedCount = 0;
  }
}
