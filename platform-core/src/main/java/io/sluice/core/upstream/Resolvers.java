package io.sluice.core.upstream;

import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.RoundRobinDnsAddressResolverGroup;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.TransportType;
import java.net.InetSocketAddress;

/**
 * Resolves the host names of endpoints: both address families, answers kept for their TTL and used
 * in turn. One for the process; closed by boot.
 */
public final class Resolvers implements AutoCloseable {

  private final RoundRobinDnsAddressResolverGroup group;

  /** Resolvers for the loops of {@code loops}. */
  public Resolvers(EventLoops loops) {
    Class<? extends DatagramChannel> datagram =
        loops.transport() == TransportType.EPOLL
            ? io.netty.channel.epoll.EpollDatagramChannel.class
            : loops.transport() == TransportType.IO_URING
                ? io.netty.channel.uring.IoUringDatagramChannel.class
                : NioDatagramChannel.class;
    group =
        new RoundRobinDnsAddressResolverGroup(
            new DnsNameResolverBuilder().datagramChannelType(datagram).negativeTtl(1));
  }

  AddressResolverGroup<InetSocketAddress> group() {
    return group;
  }

  @Override
  public void close() {
    group.close();
  }
}
