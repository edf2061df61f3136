package io.sluice.core.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of the process, one for each core unless configured otherwise, with the transport
 * they were made for. Made once by boot, closed by it at the very end.
 */
public final class EventLoops {

  private final TransportType transport;
  private final EventLoopGroup group;
  private final List<LoopContext> contexts = new ArrayList<>();

  /**
   * Starts the loops.
   *
   * @param count at least 1
   */
  public EventLoops(TransportType type, int count) {
    this.transport = type.resolved();
    this.group =
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory("sluice-loop"), transport.handlers()) {
          @Override
          protected IoEventLoop newChild(
              Executor executor, IoHandlerFactory handlers, Object... arguments) {
            return new ClosingEventLoop(this, executor, handlers);
          }
        };
    for (EventExecutor loop : group) {
      contexts.add(new LoopContext((EventLoop) loop, contexts.size()));
    }
  }

  /** The transport in use, never AUTO. */
  public TransportType transport() {
    return transport;
  }

  /** The Netty group. */
  public EventLoopGroup group() {
    return group;
  }

  /** How many loops there are. */
  public int size() {
    return contexts.size();
  }

  /** The loops, by index. */
  public List<LoopContext> contexts() {
    return contexts;
  }

  /** The context of one of our loops. */
  public LoopContext contextOf(EventLoop loop) {
    for (LoopContext context : contexts) {
      if (context.loop() == loop) {
        return context;
      }
    }
    throw new IllegalArgumentException("not one of our loops: " + loop);
  }

  /** What makes channels for connections to an address, or null where it cannot be reached. */
  public @Nullable ChannelFactory<? extends Channel> connecting(SocketAddress to) {
    return transport.connecting(to);
  }

  /** What makes Netty's own channels for TCP connections to wherever. */
  public ChannelFactory<? extends SocketChannel> socket() {
    return transport.socket();
  }

  /** What makes channels that are bound to an address, or null where that cannot be. */
  public @Nullable ChannelFactory<? extends ServerChannel> listening(SocketAddress at) {
    return transport.listening(at);
  }

  /** Where every buffer of the data path comes from. */
  public static ByteBufAllocator allocator() {
    return PooledByteBufAllocator.DEFAULT;
  }

  /**
   * Closes every channel and stops the loops, after what they have still to do or {@code atMost}.
   */
  public CompletionStage<Void> close(Duration atMost) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    group
        .shutdownGracefully(0, atMost.toMillis(), TimeUnit.MILLISECONDS)
        .addListener(future -> done.complete(null));
    return done;
  }
}
