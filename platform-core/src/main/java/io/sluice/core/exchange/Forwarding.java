package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.core.http.Framing;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.route.Destination;
import io.sluice.core.route.FixedResponse;
import io.sluice.core.route.Redirect;
import io.sluice.core.upstream.ResponseReceiver.Fate;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamPlugins;
import io.sluice.core.upstream.UpstreamStream;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The middle of an exchange: from the last request step to the response head. Sends the request to
 * where the route says, and keeps the time while it goes out. On the exchange's event loop.
 */
final class Forwarding {

  private final HttpExchange exchange;
  private final RequestSender sender;
  private final Attempts attempts;
  private boolean limited;
  private boolean limitedByStranger;
  private long dueNanos;

  Forwarding(HttpExchange exchange) {
    this.exchange = exchange;
    this.sender = exchange.requestSender;
    this.attempts = exchange.attempts;
  }

  /** Every request step let it pass. */
  void dispatch() {
    RoutePlan plan = exchange.plan();
    Destination destination = plan.route().destination();
    limitExchange(plan);
    if (destination instanceof FixedResponse fixed) {
      exchange.answer.respond(fixed);
    } else if (destination instanceof Redirect redirect) {
      exchange.answer.respond(redirect);
    } else {
      forward(plan);
    }
  }

  /** The whole exchange may take as long as the route allows, or a client that we hear asks. */
  private void limitExchange(RoutePlan plan) {
    long limit = plan.requestNanos();
    DeadlineField field = DeadlineField.of(plan, exchange.request());
    limitedByStranger = false;
    if (field != null && (exchange.peerIsTrusted() || field.forEverybody())) {
      long asked = field.read(exchange.request().headers());
      limitedByStranger = asked < limit && !exchange.peerIsTrusted();
      limit = Math.min(limit, asked);
    }
    limited = limit != Long.MAX_VALUE;
    if (limited) {
      long now = exchange.now();
      long left = Math.max(1, limit - (now - exchange.startNanos()));
      dueNanos = now + left;
      exchange.requestDeadline.after(now, left);
    }
  }

  /** What is left of the time for the whole exchange, or {@link Long#MAX_VALUE}. */
  long leftNanos() {
    return limited ? dueNanos - exchange.now() : Long.MAX_VALUE;
  }

  /** Whether the limit says something about an endpoint that misses it. */
  boolean limitIsOurs() {
    return !limitedByStranger;
  }

  private void forward(RoutePlan plan) {
    int index = plan.pickUpstream(plan.upstreams().size() == 1 ? 0 : random());
    Upstream upstream = plan.upstream(index);
    exchange.forwardedTo(index, upstream);
    ParsedRequest head = exchange.request();
    boolean bodied = head.framing() != Framing.NONE;
    if (bodied) {
      sender.body().keep(kept(plan, index, head));
      long before = exchange.stamp();
      try {
        sender.askTransforms(head);
      } catch (ProxyError e) {
        exchange.fail(e);
        return;
      }
      if (exchange.stamp() != before || exchange.phase() != Phase.REQUEST) {
        return;
      }
    }
    askUpgrade(head, bodied);
    exchange.enter(Phase.FORWARDING);
    attempts.first(upstream, plan.retry(index), plan.hedging(index));
  }

  /** Octets of content that another attempt may need. */
  private static long kept(RoutePlan plan, int index, ParsedRequest head) {
    if (!plan.upstream(index).config().multiplexes()) {
      return Idempotence.of(head.method()) ? plan.maxReplayBytes(index) : 0;
    }
    // An endpoint may say that it has not touched a request: then it goes out again whatever its
    // method, and whether or not failures are retried (RFC 9113 §8.7).
    return plan.retry(index) == null ? UpstreamPlugins.MAX_REPLAY : plan.maxReplayBytes(index);
  }

  private void askUpgrade(ParsedRequest head, boolean bodied) {
    String protocol = head.upgrade();
    if (protocol != null && !bodied && exchange.downstream().allowsUpgrade(protocol)) {
      exchange.upgradeAsked(protocol);
    }
  }

  private static long random() {
    return ThreadLocalRandom.current().nextLong();
  }

  /** A connection is there: sends the request. */
  void onConnected(Attempt attempt, UpstreamStream connection) {
    ParsedRequest head = exchange.request();
    connection.begin(attempt, attempt.head(), head.method().equals("HEAD"));
    attempt.sent();
    RoutePlan plan = exchange.plan();
    try {
      sender.send(attempt, connection, plan);
    } catch (ProxyError e) {
      attempt.cancel();
      exchange.fail(e.kind(), e);
      return;
    }
    if (exchange.sampled()) {
      plan.meters().requestProcessing().record(System.nanoTime() - exchange.startNanos());
    }
    if (!sender.finished()) {
      contentMoved();
      exchange.downstream().resumeReading();
    }
  }

  /** Request content moved on to the endpoint: it may stand still for so long again. */
  void contentMoved() {
    Attempt attempt = attempts.current();
    if (exchange.phase() == Phase.FORWARDING && attempt != null) {
      exchange.forgetClock();
      attempts.limit(attempt, exchange.plan().idleNanos());
    }
  }

  /** The last octet of the request went out on {@code attempt}. */
  void requestSent(Attempt attempt) {
    if (!exchange.headSent()) {
      attempts.limit(attempt, exchange.plan().firstByteNanos());
    }
  }

  /** Passes content on to the attempt, if there is one. */
  void pump() {
    UpstreamStream connection = attempts.connection();
    if (connection != null && exchange.phase() != Phase.TUNNEL) {
      sender.pump(connection);
    }
  }

  /** The endpoint's socket has room again. */
  void onRoom() {
    pump();
    sender.demand();
    UpstreamStream connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    exchange.downstream().resumeReading();
  }

  /** An attempt is over without a response: another one, or the end. */
  void onAttemptFailed(Attempt attempt, ErrorKind kind, Fate fate) {
    if (!attempts.has(attempt) || !exchange.active()) {
      return;
    }
    exchange.stepDeadline.clear();
    if (exchange.phase() == Phase.FORWARDING) {
      if (!attempts.next(attempt, kind, fate)) {
        exchange.fail(kind, null);
      }
    } else {
      exchange.fail(exchange.phase() == Phase.TUNNEL ? kind : ErrorKind.RESPONSE_BROKEN, null);
    }
    exchange.flushAll();
  }
}
