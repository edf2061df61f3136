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

  private final Channel channel;
  private final SocketAddress peer;
  private SocketAddress client;
  private @Nullable SocketAddress told;

  /** The ends of an open socket. */
  public ConnectionEnds(Channel channel) {
    SocketAddress remote = channel.remoteAddress();
    this.channel = channel;
    peer = remote == null ? channel.localAddress() : remote; // gone already: has no other end
    client = peer;
  }

  /** What a believed header says. */
  public void told(InetSocketAddress by, InetSocketAddress to) {
    client = by;
    told = to;
  }

  /** The other end of the socket. */
  public SocketAddress peer() {
    return peer;
  }

  /** Our end of the socket; the listener's address where the socket was closed before this. */
  public SocketAddress local() {
    SocketAddress ours = channel.localAddress(); // asked for late: it may cost a system call
    return ours == null ? channel.parent().localAddress() : ours;
  }

  /** Who connected, as far as the connection itself tells. */
  public SocketAddress client() {
    return client;
  }

  /** Where to. */
  public SocketAddress destination() {
    SocketAddress to = told;
    return to == null ? local() : to;
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
