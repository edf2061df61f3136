package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.Known;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.transport.Deadline;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Hedging;
import io.sluice.core.upstream.ResponseReceiver.Fate;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one exchange: picks endpoints, tries again where policy and the rules of HTTP
 * allow it, waits in between. At most two are under way at once, of which the later is a hedge; the
 * first response head decides. On the exchange's event loop.
 *
 * <pre>
 *   none ─▶ one                one begins
 *   one  ─▶ one                it failed, another one begins, at once or after a wait
 *   one  ─▶ two                nothing came for a while: the {@link Hedge} begins
 *   two  ─▶ one                one failed: the other is waited for
 *   two  ─▶ one, decided       a head came: the other is dropped
 *   one  ─▶ decided            a head came
 *   any  ─▶ none               nobody waits any longer
 * </pre>
 */
final class Attempts {

  private static final int MAX_TRIED = 16;

  private final HttpExchange exchange;
  private final Hedge hedge;
  private final @Nullable EndpointState[] tried = new @Nullable EndpointState[MAX_TRIED];
  private int triedCount;

  /** All of them, as logs count. */
  private int made;

  /**
   * Those that a policy decided about: without hedges, and without the replay of what no endpoint
   * saw.
   */
  private int tries;

  /** The one under way that began first, or whose response is relayed. */
  private @Nullable Attempt current;

  /** The other one under way, or null. */
  private @Nullable Attempt rival;

  private @Nullable Upstream upstream;
  private @Nullable GuardedRetry policy;
  private long perTryNanos = Long.MAX_VALUE;
  private int retries;
  private boolean backingOff;
  private boolean replayed;

  /** For waits that are shorter than what the exchange's deadlines are good for; made when used. */
  private @Nullable Deadline pause;

  Attempts(HttpExchange exchange) {
    this.exchange = exchange;
    this.hedge = new Hedge(exchange, this);
  }

  void begin() {
    made = 0;
    tries = 0;
    triedCount = 0;
    current = null;
    rival = null;
    backingOff = false;
    replayed = false;
  }

  int made() {
    return made;
  }

  /** The one whose response is relayed; before there is a head, the one that began first. */
  @Nullable Attempt current() {
    return current;
  }

  @Nullable Attempt rival() {
    return rival;
  }

  /** Whether {@code attempt} is under way and still of interest. */
  boolean has(Attempt attempt) {
    return attempt == current || attempt == rival;
  }

  @Nullable UpstreamStream connection() {
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

  void first(Upstream to, @Nullable GuardedRetry retry, @Nullable Hedging hedging) {
    upstream = to;
    policy = retry;
    retries = 0;
    perTryNanos = Long.MAX_VALUE;
    if (retry != null) {
      perTryNanos = retry.perTryNanos();
      retry.onRequest();
    }
    hedge.begin(hedging);
    start(to);
  }

  /** One more begins, at an endpoint that the balancer picks; or the exchange fails. */
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
    tries++;
    startAt(to, endpoint, false);
  }

  private void startAt(Upstream to, EndpointState endpoint, boolean fresh) {
    Attempt attempt = new Attempt(exchange, to, endpoint, exchange.responseHead(), true);
    ErrorKind refused = to.tryAttempt(endpoint, attempt, exchange.plan().priority());
    if (refused != null) {
      exchange.answer.retryAfter(to.retryAfterNanos(refused));
      exchange.fail(refused, null);
      return;
    }
    count(endpoint);
    current = attempt;
    exchange.attempted(endpoint);
    if (perTryNanos != Long.MAX_VALUE) {
      limit(attempt, perTryNanos);
    }
    hedge.arm();
    attempt.start(fresh);
  }

  private void count(EndpointState endpoint) {
    made++;
    if (triedCount < MAX_TRIED) {
      tried[triedCount++] = endpoint;
    }
  }

  /** A second one goes out beside the present one. */
  void startRival(Attempt second) {
    count(second.endpoint());
    rival = second;
    if (perTryNanos != Long.MAX_VALUE) {
      limit(second, perTryNanos);
    }
    second.start(false);
  }

  // ---- time ----

  /** Nothing may come of {@code attempt} for so long, and no longer than one try may take. */
  void limit(Attempt attempt, long nanos) {
    long now = exchange.now();
    long left = nanos;
    if (perTryNanos != Long.MAX_VALUE) {
      left = Math.min(left, Math.max(1, perTryNanos - (now - attempt.startNanos())));
    }
    attempt.limit(now, left);
    if (rival == null) {
      exchange.stepDeadline.after(now, left);
    } else {
      rearm(now);
    }
  }

  private void rearm(long now) {
    long left = Long.MAX_VALUE;
    if (current != null) {
      left = current.leftNanos(now);
    }
    if (rival != null) {
      left = Math.min(left, rival.leftNanos(now));
    }
    exchange.stepDeadline.after(now, left);
  }

  /** The step's deadline passed while attempts are made. */
  void timeUp() {
    long now = exchange.now();
    Attempt one = current;
    Attempt other = rival;
    timeUp(one, now);
    timeUp(other, now);
    if (exchange.phase() == Phase.FORWARDING && !backingOff) {
      rearm(now);
    }
  }

  private void timeUp(@Nullable Attempt attempt, long now) {
    if (attempt != null
        && has(attempt)
        && attempt.state() != Attempt.State.OVER
        && attempt.leftNanos(now) <= 0) {
      if (rival == null
          && now - attempt.startNanos() < perTryNanos
          && exchange.requestSender.waitsForClient()) {
        exchange.onRequestRefused(ErrorKind.REQUEST_TIMEOUT, "request content stood still");
        return;
      }
      attempt.fail(ErrorKind.RESPONSE_TIMEOUT);
      exchange.forwarding.onAttemptFailed(attempt, ErrorKind.RESPONSE_TIMEOUT, Fate.UNKNOWN);
    }
  }

  /** Comes back in a while that may be short, by {@link #onPause}. */
  void pause(long nanos) {
    Deadline deadline = pause;
    if (deadline == null) {
      deadline = new Deadline(exchange.loop().shortDeadlines(), this::onPause);
      pause = deadline;
    }
    deadline.after(nanos);
  }

  private void clearPause() {
    if (pause != null) {
      pause.clear();
    }
  }

  private void onPause() {
    exchange.forgetClock();
    if (exchange.phase() != Phase.FORWARDING) {
      return;
    }
    if (!backingOff) {
      hedge.timeUp();
    } else if (upstream != null) {
      backingOff = false;
      start(upstream);
    }
    exchange.flushAll();
  }

  // ---- what becomes of them ----

  /**
   * An attempt failed before any response.
   *
   * @return whether another one is under way, or will be
   */
  boolean next(Attempt failed, ErrorKind kind, Fate fate) {
    if (leavesOther(failed)) {
      return true;
    }
    hedge.lost(failed);
    clearPause();
    Upstream to = failed.upstream();
    if (fate != Fate.UNKNOWN && !replayed && mayRepeat(failed)) {
      // RFC 9112 §9.3.1: a connection that was idle may have been closed before it heard of us.
      // RFC 9113 §8.7: what an endpoint refused, or did not get to before GOAWAY, is untouched.
      replayed = true;
      made--;
      rewind(failed);
      startAt(to, failed.endpoint(), fate == Fate.STALE);
      return true;
    }
    if (policy == null || kind == ErrorKind.LIMIT_REACHED || !mayRepeat(failed)) {
      return false;
    }
    if (tries >= policy.maxAttempts()) {
      to.countRetry(Upstream.Retry.EXHAUSTED);
      return false;
    }
    long wait = policy.retryAfter(exchange.request(), failed, tries);
    if (wait < 0) {
      to.countRetry(Upstream.Retry.REFUSED);
      return false;
    }
    again(failed, to, wait);
    return true;
  }

  /** One of two is over: answers true, and the other is waited for. */
  private boolean leavesOther(Attempt over) {
    Attempt other = over == current ? rival : current;
    if (rival == null || other == null) {
      return false;
    }
    hedge.lost(over);
    current = other;
    rival = null;
    exchange.attempted(other.endpoint());
    rearm(exchange.now());
    return true;
  }

  private boolean mayRepeat(Attempt failed) {
    if (!failed.begun()) {
      return true;
    }
    return (!failed.requestSent() || Idempotence.of(exchange.request().method()))
        && (exchange.requestSender.body().replayable() || !exchange.hasContent());
  }

  private void rewind(Attempt failed) {
    if (failed.begun()) {
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
      pause(waitNanos);
    }
  }

  /**
   * Whether the response of {@code attempt} is given up for another attempt; then that is under
   * way.
   */
  boolean retriesResponse(Attempt attempt, ParsedResponse head) {
    if (policy == null || !policy.retriesStatus(head.status()) || !mayRepeat(attempt)) {
      return false;
    }
    attempt.retryAfter(RetryAfter.nanos(head.headers().get(Known.RETRY_AFTER), Instant.now()));
    if (rival != null) {
      attempt.giveUp();
      return leavesOther(attempt);
    }
    if (tries >= policy.maxAttempts()) {
      attempt.upstream().countRetry(Upstream.Retry.EXHAUSTED);
      return false;
    }
    long wait = policy.retryAfter(exchange.request(), attempt, tries);
    if (wait < 0) {
      attempt.upstream().countRetry(Upstream.Retry.REFUSED);
      return false;
    }
    hedge.lost(attempt);
    clearPause();
    attempt.giveUp();
    again(attempt, attempt.upstream(), wait);
    return true;
  }

  /** The response of {@code attempt} is relayed: whatever else is under way is dropped. */
  void decided(Attempt attempt) {
    if (!hedge.on()) {
      return;
    }
    clearPause();
    Attempt other = attempt == current ? rival : current;
    current = attempt;
    rival = null;
    hedge.decided(attempt, other);
    exchange.respondWith(attempt.head());
  }

  /** Gives up whatever is under way; it says nothing about the endpoint. */
  void cancel() {
    backingOff = false;
    clearPause();
    if (rival != null) {
      rival.cancel();
    }
    if (current != null) {
      current.cancel();
    }
  }

  /** Gives up whatever is under way, as a failure of the endpoint. */
  void failCurrent(ErrorKind kind) {
    backingOff = false;
    clearPause();
    if (rival != null) {
      rival.fail(kind);
    }
    if (current != null) {
      current.fail(kind);
    }
  }

  /** The exchange ended. */
  void release() {
    if (policy != null) {
      policy.onRequestEnd(retries);
    }
    hedge.release();
    current = null;
    rival = null;
    upstream = null;
    policy = null;
    for (int i = 0; i < triedCount; i++) {
      tried[i] = null;
    }
    triedCount = 0;
  }

  /** The connection goes away for good. */
  void dispose() {
    if (pause != null) {
      pause.remove();
    }
  }
}
