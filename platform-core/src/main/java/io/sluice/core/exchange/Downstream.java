package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.TrustedProxies;
import io.sluice.core.transport.LoopContext;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an exchange, whatever the protocol: a connection of HTTP/1.1 or a stream of
 * a later one. Everything is called on its event loop.
 */
public interface Downstream {

  /** What content follows a head. */
  enum Content {
    /** None. */
    NONE,
    /** As much as Content-Length says. */
    DELIMITED,
    /** Nobody knows how much. */
    OPEN
  }

  /** The loop. */
  LoopContext loop();

  /** The index of the listener in the generation's plans. */
  int listenerIndex();

  /** The name of the listener. */
  String listener();

  /** The other end of the connection. */
  SocketAddress peer();

  /** Our end. */
  SocketAddress local();

  /** Who connected: the peer, or whom a PROXY protocol header names that was believed. */
  SocketAddress connectedFrom();

  /** The address of {@link #connectedFrom} as text without port. */
  String peerIp();

  /** Whom the listener believes. */
  TrustedProxies trustedProxies();

  /** Whether the forwarding lines of {@link #connectedFrom} are believed. */
  boolean peerIsTrusted();

  /** Who the client is by its verified certificate; null without one. */
  @Nullable ClientIdentity clientIdentity();

  /** The forwarding lines of this connection. */
  ForwardedLines forwarded();

  /** Whether the listener lets clients change to {@code protocol}. */
  boolean allowsUpgrade(String protocol);

  /** How long a tunnel may be silent, in nanoseconds. */
  long tunnelIdleNanos();

  /** Queues an informational head and sends it. */
  void writeInformational(ParsedResponse head);

  /** Sends 100 Continue of our own. */
  void writeContinue();

  /** Queues the final head. */
  void writeHead(ParsedResponse head, Content content);

  /** Queues content; takes it over. */
  void writeData(ByteBuf data);

  /** Ends the response and sends what is queued. */
  void writeEnd(@Nullable ByteHeaders trailers);

  /** Sends what is queued. */
  void flush();

  /** Whether the client keeps up. */
  boolean writable();

  /** Octets that the client's socket has not taken yet. */
  long unsentBytes();

  /** The exchange has room for request content again. */
  void resumeReading();

  /** Breaks off: the client never sees a clean end. */
  void abort();

  /** The head 101 is sent: from now on octets pass untouched. */
  void startTunnel();

  /**
   * The response is sent whole and the outcome observed. Request content that still comes is the
   * listener's business.
   */
  void exchangeEnded();
}
