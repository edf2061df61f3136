package io.sluice.core.transport;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Between whom an accepted connection is: the two ends of the socket, and the two that a PROXY
 * protocol header tells, where one was believed. Made by the listener for each connection; belongs
 * to its event loop.
 */
public final class ConnectionEnds {

  private final SocketAddress peer;
  private final SocketAddress local;
  private SocketAddress client;
  private SocketAddress destination;

  /** The ends of an open socket. */
  public ConnectionEnds(Channel channel) {
    SocketAddress remote = channel.remoteAddress();
    local = channel.localAddress();
    peer = remote == null ? local : remote; // one that is gone already has no other end
    client = peer;
    destination = local;
  }

  /** What a believed header says. */
  public void told(InetSocketAddress by, InetSocketAddress to) {
    client = by;
    destination = to;
  }

  /** The other end of the socket. */
  public SocketAddress peer() {
    return peer;
  }

  /** Our end of the socket. */
  public SocketAddress local() {
    return local;
  }

  /** Who connected, as far as the connection itself tells. */
  public SocketAddress client() {
    return client;
  }

  /** Where to. */
  public SocketAddress destination() {
    return destination;
  }

  /** The address of {@link #client}; null for a Unix-domain socket. */
  public @Nullable InetAddress clientAddress() {
    return client instanceof InetSocketAddress inet ? inet.getAddress() : null;
  }

  /** {@link #client} as text without port; {@code unix} for a Unix-domain socket. */
  public String clientIp() {
    InetAddress address = clientAddress();
    return address == null ? "unix" : NetUtil.toAddressString(address);
  }
}
