package io.sluice.core.listener;

import io.netty.channel.Channel;
import io.sluice.core.exchange.Generation;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.tunnel.TcpTunnel;
import io.sluice.core.tunnel.TunnelOwner;
import io.sluice.core.tunnel.TunnelPlan;
import org.jspecify.annotations.Nullable;

/**
 * One tunnel as its listener sees it: counted, and tied to the generation that it began on until it
 * ends, which no reload hastens.
 */
final class TcpConnection implements ListenerConnection, TunnelOwner {

  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ListenerMeters meters;
  private final @Nullable ListenerConnection before;
  private @Nullable Generation generation;
  private @Nullable TcpTunnel tunnel;

  private TcpConnection(
      ListenerSocket socket, LoopContext loop, @Nullable ListenerConnection before) {
    this.socket = socket;
    this.loop = loop;
    this.before = before;
    this.meters = socket.meters();
  }

  /** Makes a tunnel of a connection that was just accepted. */
  static void add(ListenerSocket socket, Channel channel, LoopContext loop, ConnectionEnds ends) {
    TcpTunnel.add(channel, ends, loop, new TcpConnection(socket, loop, null));
  }

  /**
   * Makes a tunnel of a connection whose TLS handshake is over.
   *
   * @param before whose place it takes
   * @param serverName that the client asked for, or null
   */
  static void begin(
      ListenerSocket socket,
      Channel channel,
      LoopContext loop,
      ConnectionEnds ends,
      ListenerConnection before,
      @Nullable String serverName) {
    TcpConnection owner = new TcpConnection(socket, loop, before);
    TcpTunnel.begin(channel, ends, loop, owner, serverName);
  }

  private static @Nullable TunnelPlan plan(Generation generation, String name) {
    int index = generation.listenerIndex(name);
    return index < 0 ? null : generation.listeners().get(index).tunnel();
  }

  @Override
  public @Nullable TunnelPlan opened(TcpTunnel begun) {
    Generation last = socket.last();
    Generation now = last == null ? socket.services().generations().current() : last;
    TunnelPlan plan = plan(now, socket.name());
    if (plan == null) {
      plan = plan(now, socket.nameBefore()); // between two generations that name it otherwise
    }
    if (plan == null) {
      if (before != null) {
        socket.ended(before, loop);
      }
      return null; // the next generation makes something else of the listener
    }
    tunnel = begun;
    generation = now;
    now.pin(loop);
    meters.tunnelBegan();
    if (before == null) {
      socket.opened(this, loop);
    } else {
      socket.replaced(before, this, loop);
    }
    return plan;
  }

  @Override
  public void ended(TcpTunnel over) {
    if (generation != null) {
      generation.unpin(loop);
    }
    meters.connections.decrementAndGet();
    socket.ended(this, loop);
  }

  @Override
  public void drain() {
    // Octets have no end that we know: it goes on until it ends or the process does.
  }

  @Override
  public void shutDown() {
    if (tunnel != null) {
      tunnel.abort();
    }
  }
}
