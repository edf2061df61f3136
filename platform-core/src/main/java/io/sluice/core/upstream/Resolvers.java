package io.sluice.core.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.RoundRobinDnsAddressResolverGroup;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.TransportType;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the host names of endpoints: both address families, answers kept for their TTL and used
 * in turn, a truncated answer asked for again over TCP. When no name server answers, or they answer
 * that they failed or have no address, the last good answer serves on (RFC 8767, without its time
 * limit: an endpoint that moved meanwhile refuses the connection, and that is no worse than no
 * address). That a name does not exist is believed. One for the process; closed by boot.
 */
public final class Resolvers implements AutoCloseable {

  /** For one question to one name server. */
  private static final long QUERY_TIMEOUT_MILLIS = 2_000;

  /** Hears of an answer, on the event loop that asked. */
  interface Answered {
    /** Every address, in the order in which to try them; never empty. */
    void addresses(List<InetSocketAddress> found);

    /** There is none. */
    void failed(Throwable cause);
  }

  private final RoundRobinDnsAddressResolverGroup group;

  /** The last good answers; as many as endpoints were ever given by name. */
  private final Map<String, List<InetSocketAddress>> lastGood = new ConcurrentHashMap<>();

  /**
   * Resolvers for the loops of {@code loops}.
   *
   * @param nameServers whom to ask, in order; empty for those of the system
   */
  public Resolvers(EventLoops loops, List<InetSocketAddress> nameServers) {
    Class<? extends DatagramChannel> datagram =
        loops.transport() == TransportType.EPOLL
            ? io.netty.channel.epoll.EpollDatagramChannel.class
            : loops.transport() == TransportType.IO_URING
                ? io.netty.channel.uring.IoUringDatagramChannel.class
                : NioDatagramChannel.class;
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder()
            .datagramChannelType(datagram)
            .socketChannelFactory(loops.socket())
            .completeOncePreferredResolved(false)
            .queryTimeoutMillis(QUERY_TIMEOUT_MILLIS)
            .negativeTtl(1);
    if (!nameServers.isEmpty()) {
      builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(nameServers));
    }
    group = new RoundRobinDnsAddressResolverGroup(builder);
  }

  /** Finds every address of a name. Call on {@code loop}, where the answer comes as well. */
  void resolve(EventLoop loop, InetSocketAddress name, Answered answered) {
    group
        .getResolver(loop)
        .resolveAll(name)
        .addListener(
            (FutureListener<List<InetSocketAddress>>) future -> done(future, name, answered));
  }

  private void done(
      Future<List<InetSocketAddress>> future, InetSocketAddress name, Answered answered) {
    String key = name.getHostString() + ":" + name.getPort();
    if (future.isSuccess()) {
      List<InetSocketAddress> found = inTurns(future.getNow());
      lastGood.put(key, found);
      answered.addresses(found);
      return;
    }
    List<InetSocketAddress> known = isGone(future.cause()) ? null : lastGood.get(key);
    if (known == null) {
      answered.failed(future.cause());
    } else {
      answered.addresses(known);
    }
  }

  /** Whether the name servers say that there is no such name, and not that they could not say. */
  private static boolean isGone(Throwable failure) {
    @Nullable Throwable cause = failure;
    while (cause != null) {
      if (cause instanceof DnsErrorCauseException error) {
        return error.getCode().equals(DnsResponseCode.NXDOMAIN);
      }
      cause = cause.getCause();
    }
    return false;
  }

  /** The families by turns, as RFC 8305 §4 wants it, beginning with that of the first. */
  static List<InetSocketAddress> inTurns(List<InetSocketAddress> found) {
    List<InetSocketAddress> left = new ArrayList<>(found);
    List<InetSocketAddress> ordered = new ArrayList<>();
    Class<?> last = Object.class;
    while (!left.isEmpty()) {
      int next = 0;
      for (int i = 0; i < left.size(); i++) {
        if (left.get(i).getAddress().getClass() != last) {
          next = i;
          break;
        }
      }
      InetSocketAddress chosen = left.remove(next);
      last = chosen.getAddress().getClass();
      ordered.add(chosen);
    }
    return ordered;
  }

  @Override
  public void close() {
    group.close();
  }
}
