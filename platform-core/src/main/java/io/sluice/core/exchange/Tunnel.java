package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.api.middleware.Outcome;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.tunnel.FrameBoundary;
import io.sluice.core.upstream.UpstreamStream;
import org.jspecify.annotations.Nullable;

/**
 * What follows a 101 (RFC 9110 §7.8): octets pass both ways untouched until one side closes or both
 * are silent for too long. On the exchange's event loop.
 */
final class Tunnel {

  private static final String WEBSOCKET = "websocket";

  private final HttpExchange exchange;
  private @Nullable FrameBoundary frames;
  private long unsentBefore;
  private boolean clientSaidClose;

  Tunnel(HttpExchange exchange) {
    this.exchange = exchange;
  }

  /** Sends the head 101 and opens both ways. */
  void start(ParsedResponse head) {
    Downstream downstream = exchange.downstream();
    frames = WEBSOCKET.equals(exchange.upgradeAsked()) ? new FrameBoundary() : null;
    downstream.writeHead(head, Downstream.Content.NONE);
    downstream.flush();
    downstream.startTunnel();
    exchange.responseSender.startTunnel();
    exchange.requestDeadline.clear();
    clientSaidClose = false;
    moved();
    Attempt attempt = exchange.attempts.current();
    if (attempt != null) {
      attempt.tunnelBegan();
    }
    UpstreamStream connection = exchange.attempts.connection();
    if (connection != null) {
      connection.resume();
    }
    downstream.resumeReading();
  }

  /** Octets from the client; takes them over. */
  void received(ByteBuf data) {
    UpstreamStream connection = exchange.attempts.connection();
    if (connection == null) {
      data.release();
    } else {
      connection.data(data);
      moved();
    }
  }

  /** Octets of the endpoint on their way to the client. */
  void passes(ByteBuf data) {
    if (frames != null) {
      frames.passed(data);
    }
  }

  /**
   * The process ends: a WebSocket's client is told so where a frame may stand, and else never sees
   * a clean end.
   */
  void shutDown() {
    byte[] goodbye = frames == null ? new byte[0] : frames.goingAway();
    leaveEndpoint(false);
    if (goodbye.length == 0) {
      exchange.downstream().abort();
    } else {
      exchange.downstream().writeData(Unpooled.wrappedBuffer(goodbye));
    }
    exchange.ending.end(Outcome.Result.COMPLETED);
  }

  /** The client half-closed. */
  void inputEnded() {
    UpstreamStream connection = exchange.attempts.connection();
    if (connection != null) {
      connection.flush();
      connection.shutdownOutput();
    }
  }

  /** The client ended its TLS: it leaves, and broke nothing off. */
  void clientSaidClose() {
    clientSaidClose = true;
  }

  /** The client is gone. */
  void cancelled() {
    leaveEndpoint(!clientSaidClose);
  }

  /** With a reset where it would take for whole what is not. */
  private void leaveEndpoint(boolean brokenOff) {
    UpstreamStream connection = exchange.attempts.connection();
    if (connection != null && (brokenOff || connection.unsent() > 0)) {
      connection.reset();
    }
    exchange.attempts.cancel();
  }

  /** The endpoint closed. */
  void outputEnded() {
    exchange.downstream().writeEnd(null);
    exchange.ending.end(Outcome.Result.COMPLETED);
  }

  /** Octets went one way or the other. */
  void moved() {
    unsentBefore = 0; // what fills up again to where it was did not stand still
    exchange.stepDeadline.after(exchange.downstream().tunnelIdleNanos());
  }

  /** Both sides were silent for too long, or what one said before still goes out to the other. */
  void timeUp() {
    UpstreamStream connection = exchange.attempts.connection();
    long toClient = exchange.downstream().unsentBytes();
    long unsent = toClient + (connection == null ? 0 : connection.unsent());
    if (unsent > 0 && unsent != unsentBefore) {
      moved(); // a slow reader is not silent
      unsentBefore = unsent;
      return;
    }
    leaveEndpoint(false);
    if (toClient > 0) {
      exchange.downstream().abort();
      exchange.ending.end(Outcome.Result.COMPLETED);
    } else {
      outputEnded(); // what its socket holds still reaches it
    }
  }
}
