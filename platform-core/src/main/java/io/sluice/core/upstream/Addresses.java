package io.sluice.core.upstream;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Addresses that need no resolver. */
final class Addresses {

  private Addresses() {}

  /** The socket address of a literal or a Unix-domain socket; null for a host name. */
  static @Nullable SocketAddress literal(EndpointAddress address) {
    if (address.isUnix()) {
      return new DomainSocketAddress(address.host());
    }
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(address.host());
    if (octets == null) {
      return null;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(octets), address.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 octets were given", e);
    }
  }
}
