package io.sluice.api.observe;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.Endpoint;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to a listener whose octets pass unread, once it has ended. Made by the
 * core; valid on its event loop during the call that hands it over.
 */
public interface TcpConnection {

  /** How it ended. */
  enum Ending {
    /** Both sides closed, or one did and the other had nothing more to say. */
    COMPLETED,
    /** No endpoint could be reached, the client was refused, or the endpoint reset it. */
    FAILED,
    /** The client reset it, or left before an endpoint was reached. */
    CANCELLED,
    /** Neither side sent anything for {@code timeouts.tunnel-idle}. */
    IDLE,
    /** The process ended before it did. */
    SHUTDOWN
  }

  /** Unique in this process, 16 hexadecimal digits. */
  String id();

  /** The client's address: of the connection, or what a PROXY protocol header says. */
  SocketAddress client();

  /** {@link #client} as text without port; {@code unix} for a Unix-domain socket. */
  String clientIp();

  /** The other end of the connection itself. */
  SocketAddress peer();

  /** The name of the listener. */
  String listener();

  /** The name of the upstream, or null when none was chosen. */
  @Nullable String upstream();

  /** The endpoint it was relayed to, or the one that failed last; null before the first attempt. */
  @Nullable Endpoint endpoint();

  /** The server name that the client's TLS handshake asked for (RFC 6066 §3), where it was read. */
  @Nullable String serverName();

  /** How it ended. */
  Ending ending();

  /** What failed; null unless {@link #ending} is {@link Ending#FAILED}. */
  @Nullable ErrorKind error();

  /** Nanoseconds from its being accepted to its end. */
  long durationNanos();

  /** Octets that came from the client. */
  long receivedBytes();

  /** Octets that came from the endpoint. */
  long sentBytes();

  /** Tries at endpoints. */
  int attempts();
}
