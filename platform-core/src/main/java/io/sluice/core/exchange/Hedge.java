package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Hedging;
import io.sluice.core.upstream.Upstream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hedge of one exchange: at most one, for a GET or HEAD without content, at an endpoint that
 * was not tried yet. It never waits for a connection and takes the least important of permits: what
 * only might help must not keep anyone from what is needed. On the exchange's event loop.
 */
final class Hedge {

  private static final Logger log = LoggerFactory.getLogger(Hedge.class);

  private final HttpExchange exchange;
  private final Attempts attempts;
  private @Nullable Hedging hedging;

  /** The hedge, until it is known what came of it. */
  private @Nullable Attempt sent;

  private boolean done;

  Hedge(HttpExchange exchange, Attempts attempts) {
    this.exchange = exchange;
    this.attempts = attempts;
  }

  /** A first attempt is about to begin. */
  void begin(@Nullable Hedging by) {
    hedging = by != null && fits() ? by : null;
    sent = null;
    done = false;
    if (hedging != null) {
      hedging.onRequest(exchange.loop().index());
    }
  }

  private boolean fits() {
    String method = exchange.request().method();
    return (method.equals("GET") || method.equals("HEAD"))
        && !exchange.hasContent()
        && exchange.upgradeAsked() == null;
  }

  /** Whether the exchange may be hedged, or was. */
  boolean on() {
    return hedging != null;
  }

  /** An attempt begins: a hedge follows unless something comes of it in time. */
  void arm() {
    Hedging by = hedging;
    if (by != null && !done) {
      long delay = by.delayNanos();
      if (delay != Long.MAX_VALUE) {
        attempts.pause(delay);
      }
    }
  }

  /** Nothing came in time. */
  void timeUp() {
    Hedging by = hedging;
    Attempt first = attempts.current();
    if (by == null || done || first == null || first.state() == Attempt.State.OVER) {
      return;
    }
    done = true;
    int loop = exchange.loop().index();
    if (!by.trySpend(loop, exchange.now())) {
      by.count(Hedging.Result.NO_BUDGET);
      return;
    }
    Upstream to = first.upstream();
    EndpointState other = pick(to);
    if (other == null || attempts.tried(other)) {
      by.giveBack(loop);
      by.count(Hedging.Result.NO_ENDPOINT);
      return;
    }
    Attempt second = new Attempt(exchange, to, other, exchange.spareHead(), false);
    ErrorKind refused = to.tryAttempt(other, second, RoutePlan.LEAST_IMPORTANT);
    if (refused != null) {
      by.giveBack(loop);
      by.count(Hedging.Result.NO_ROOM);
      return;
    }
    sent = second;
    attempts.startRival(second);
  }

  private @Nullable EndpointState pick(Upstream to) {
    try {
      return to.pick(exchange);
    } catch (Throwable e) {
      Fatal.rethrow(e);
      log.error("exchange {}: the balancer of {} failed at a hedge", exchange.id(), to.name(), e);
      return null; // the first attempt is still under way
    }
  }

  /** One of two failed. */
  void lost(Attempt failed) {
    if (failed == sent) {
      sent = null;
      count(
          failed.error() == ErrorKind.LIMIT_REACHED
              ? Hedging.Result.NO_ROOM
              : Hedging.Result.FAILED);
    }
  }

  /** A head came from {@code winner}; {@code other} is dropped. */
  void decided(Attempt winner, @Nullable Attempt other) {
    Hedging by = hedging;
    if (by == null) {
      return;
    }
    int loop = exchange.loop().index();
    by.onResponse(loop, winner.firstByteNanos());
    boolean overtook = winner == sent;
    if (sent != null) {
      by.count(overtook ? Hedging.Result.WON : Hedging.Result.LOST);
      sent = null;
    }
    if (other != null && other != winner) {
      if (overtook) {
        other.giveUpOvertaken();
      } else {
        other.cancel();
      }
      by.onResponse(loop, other.durationNanos());
    }
  }

  /** The exchange ended. */
  void release() {
    if (sent != null) {
      sent = null;
      count(Hedging.Result.CANCELLED);
    }
    hedging = null;
  }

  private void count(Hedging.Result result) {
    if (hedging != null) {
      hedging.count(result);
    }
  }
}
