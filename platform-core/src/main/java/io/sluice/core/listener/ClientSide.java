package io.sluice.core.listener;

import io.sluice.api.tls.ClientIdentity;
import io.sluice.core.exchange.Generation;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.RequestParser;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ServerTls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP connection knows of its client and of the listener that it came to, whatever version
 * of HTTP is spoken on it: who connected, what is believed of it, and which generation serves its
 * next exchange. Made with the connection, on whose event loop it belongs.
 */
final class ClientSide {

  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ListenerConfig config;
  private final ConnectionEnds ends;
  private final @Nullable DownstreamTls tls;

  private @Nullable Generation generation;
  private @Nullable Generation held;
  private String name;
  private int listenerIndex;
  private boolean ending;
  private @Nullable ForwardedLines forwarded;
  private String peerIp = "";
  private boolean trusted;

  /**
   * The client of a connection.
   *
   * @param ends between whom it is
   * @param tls under it, its handshake done; null for plaintext
   */
  ClientSide(
      ListenerSocket socket,
      LoopContext loop,
      ListenerConfig config,
      ConnectionEnds ends,
      @Nullable DownstreamTls tls) {
    this.socket = socket;
    this.loop = loop;
    this.config = config;
    this.ends = ends;
    this.tls = tls;
    this.name = config.name();
  }

  /** The connection is open. */
  void begin() {
    int port = ends.destination() instanceof InetSocketAddress local ? local.getPort() : 0;
    InetAddress address = ends.clientAddress();
    trusted = address != null && config.trustedProxies().trusts(address);
    peerIp = ends.clientIp();
    forwarded = new ForwardedLines(peerIp, scheme(), port, trusted);
  }

  /** The generation to serve the next exchange with; settles our place in it. */
  Generation currentGeneration() {
    Generation last = socket.last();
    if (last != null) {
      ending = true; // the listener is gone: this connection ends on what it knew
    }
    Generation now = last == null ? socket.services().generations().current() : last;
    if (now != generation) {
      name = socket.name();
      int index = now.listenerIndex(name);
      if (index < 0) {
        name = config.name(); // between two generations, of which one renames the listener
        index = now.listenerIndex(name);
      }
      if (index < 0) {
        throw new IllegalStateException("no listener " + name);
      }
      listenerIndex = index;
      generation = now;
      if (now.listeners().get(index).tunnel() != null) {
        ending = true; // the listener speaks something else to those who come now
      }
    }
    return now;
  }

  /** Whether the connection serves no exchange beyond those that the last generation began. */
  boolean ending() {
    return ending;
  }

  /**
   * Whether the listener now asks more of its clients than this one has shown: TLS, a certificate,
   * one of another authority, one that is still valid. Then it has to come again.
   */
  boolean outlived() {
    ServerTls now = socket.tls();
    return now != null && (tls == null || !now.terms().stillAdmits(tls.admission()));
  }

  /** The listener is drained: keeps the generation that the connection ends on, until the end. */
  void hold() {
    Generation last = socket.last();
    if (last != null && held == null) {
      held = last;
      last.pin(loop);
    }
  }

  /** The connection is over. */
  void letGo() {
    if (held != null) {
      held.unpin(loop);
      held = null;
    }
  }

  /** A framing guard for this listener. */
  RequestParser newParser() {
    return new RequestParser(
        config.limits().maxHeaderSize(),
        config.limits().maxHeaders(),
        scheme(),
        config.keepEncodedSlash());
  }

  ListenerSocket socket() {
    return socket;
  }

  LoopContext loop() {
    return loop;
  }

  ListenerConfig config() {
    return config;
  }

  ConnectionEnds ends() {
    return ends;
  }

  @Nullable DownstreamTls tls() {
    return tls;
  }

  String scheme() {
    return tls == null ? "http" : "https";
  }

  /** The name of the listener, as of {@link #currentGeneration}. */
  String listener() {
    return name;
  }

  /** Its place among the plans of {@link #currentGeneration}. */
  int listenerIndex() {
    return listenerIndex;
  }

  String peerIp() {
    return peerIp;
  }

  boolean trusted() {
    return trusted;
  }

  ForwardedLines forwarded() {
    ForwardedLines lines = forwarded;
    if (lines == null) {
      throw new IllegalStateException("not connected yet");
    }
    return lines;
  }

  /** Who the client is by its verified certificate; null without one. */
  @Nullable ClientIdentity identity() {
    return tls == null ? null : tls.admission().client();
  }
}
