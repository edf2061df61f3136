package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.core.http.Framing;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.route.Destination;
import io.sluice.core.route.FixedResponse;
import io.sluice.core.route.Redirect;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamConnection;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The middle of an exchange: from the last request step to the response head. Sends the request to
 * where the route says, and keeps the time while it goes out. On the exchange's event loop.
 */
final class Forwarding {

  private final HttpExchange exchange;
  private final RequestSender sender;
  private final Attempts attempts;

  Forwarding(HttpExchange exchange) {
    this.exchange = exchange;
    this.sender = exchange.requestSender;
    this.attempts = exchange.attempts;
  }

  /** Every request step let it pass. */
  void dispatch() {
    RoutePlan plan = exchange.plan();
    Destination destination = plan.route().destination();
    if (plan.requestNanos() != Long.MAX_VALUE) {
      exchange.requestDeadline.after(plan.requestNanos());
    }
    if (destination instanceof FixedResponse fixed) {
      exchange.answer.respond(fixed);
    } else if (destination instanceof Redirect redirect) {
      exchange.answer.respond(redirect);
    } else {
      forward(plan);
    }
  }

  private void forward(RoutePlan plan) {
    int index = plan.pickUpstream(plan.upstreams().size() == 1 ? 0 : random());
    Upstream upstream = plan.upstream(index);
    exchange.forwardedTo(index, upstream);
    ParsedRequest head = exchange.request();
    boolean bodied = head.framing() != Framing.NONE;
    if (bodied) {
      if (Idempotence.of(head.method())) {
        sender.body().keep(plan.maxReplayBytes());
      }
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
    attempts.first(upstream, plan.retry(index));
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
  void onConnected(Attempt attempt, UpstreamConnection connection) {
    ParsedRequest head = exchange.request();
    connection.begin(attempt, exchange.responseHead(), head.method().equals("HEAD"));
    attempt.sent();
    RoutePlan plan = exchange.plan();
    try {
      sender.send(connection, attempt.endpoint(), plan, attempt.upstream().sticky());
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
    if (exchange.phase() == Phase.FORWARDING) {
      exchange.forgetClock();
      limitStep(exchange.plan().idleNanos());
    }
  }

  /** The last octet of the request went out on the present attempt. */
  void requestSent() {
    if (!exchange.headSent()) {
      limitStep(exchange.plan().firstByteNanos());
    }
  }

  private void limitStep(long nanos) {
    long now = exchange.now();
    exchange.stepDeadline.after(now, Math.min(nanos, attempts.perTryNanos()));
  }

  /** Passes content on to the attempt, if there is one. */
  void pump() {
    UpstreamConnection connection = attempts.connection();
    if (connection != null && exchange.phase() != Phase.TUNNEL) {
      sender.pump(connection);
    }
  }

  /** The endpoint's socket has room again. */
  void onRoom() {
    pump();
    sender.demand();
    UpstreamConnection connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    exchange.downstream().resumeReading();
  }

  /** An attempt is over without a response: another one, or the end. */
  void onAttemptFailed(Attempt attempt, ErrorKind kind, boolean stale) {
    if (attempt != attempts.current() || !exchange.active()) {
      return;
    }
    exchange.stepDeadline.clear();
    if (exchange.phase() == Phase.FORWARDING) {
      if (!attempts.next(attempt, kind, stale)) {
        exchange.fail(kind, null);
      }
    } else {
      exchange.fail(exchange.phase() == Phase.TUNNEL ? kind : ErrorKind.RESPONSE_BROKEN, null);
    }
    exchange.flushAll();
  }
}
