package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.middleware.Outcome;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.upstream.UpstreamConnection;

/**
 * What follows a 101 (RFC 9110 §7.8): octets pass both ways untouched until one side closes or both
 * are silent for too long. On the exchange's event loop.
 */
final class Tunnel {

  private final HttpExchange exchange;

  Tunnel(HttpExchange exchange) {
    this.exchange = exchange;
  }

  /** Sends the head 101 and opens both ways. */
  void start(ParsedResponse head) {
    Downstream downstream = exchange.downstream();
    downstream.writeHead(head, Downstream.Content.NONE);
    downstream.flush();
    downstream.startTunnel();
    exchange.responseSender.startTunnel();
    exchange.requestDeadline.clear();
    moved();
    Attempt attempt = exchange.attempts.current();
    if (attempt != null) {
      attempt.tunnelBegan();
    }
    UpstreamConnection connection = exchange.attempts.connection();
    if (connection != null) {
      connection.resume();
    }
    downstream.resumeReading();
  }

  /** Octets from the client; takes them over. */
  void received(ByteBuf data) {
    UpstreamConnection connection = exchange.attempts.connection();
    if (connection == null) {
      data.release();
    } else {
      connection.write(data);
      moved();
    }
  }

  /** The client half-closed. */
  void inputEnded() {
    UpstreamConnection connection = exchange.attempts.connection();
    if (connection != null) {
      connection.flush();
      connection.shutdownOutput();
    }
  }

  /** The endpoint closed. */
  void outputEnded() {
    exchange.downstream().writeEnd(null);
    exchange.ending.end(Outcome.Result.COMPLETED);
  }

  /** Octets went one way or the other. */
  void moved() {
    exchange.stepDeadline.after(exchange.downstream().tunnelIdleNanos());
  }

  /** Both sides were silent for too long. */
  void timeUp() {
    exchange.attempts.cancel();
    exchange.downstream().abort();
    exchange.ending.end(Outcome.Result.COMPLETED);
  }
}
