package io.sluice.core.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.sluice.core.transport.EventLoops;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import org.jspecify.annotations.Nullable;

/**
 * Begins connections to endpoints on one event loop: what Netty's {@code Bootstrap} does, without
 * the maps that it copies and the task that it puts off connecting with.
 */
final class Dialer {

  /** Octets waiting for the socket at which the writer is told to stop, and to go on. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private static final LentPorts LENT_PORTS = LentPorts.ofSystem();

  /**
   * Who wants the connection; hears exactly one of the two, on the loop. Of a failure never within
   * {@link #dial}: what waits in a queue for the next connection is not served ever deeper on one
   * stack.
   */
  interface Done {
    void connected(Channel channel);

    void failed(Throwable cause);
  }

  private final EventLoops loops;
  private final EventLoop loop;

  Dialer(EventLoops loops, EventLoop loop) {
    this.loops = loops;
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  /**
   * Begins one connection, which does not read until it is told to. Call on the loop.
   *
   * @param handler put into its pipeline
   * @return its channel, to be closed by whoever wants it no longer, after which {@code done} hears
   *     that it failed; null where not even a socket could be had
   */
  @Nullable Channel dial(SocketAddress to, int timeoutMillis, ChannelHandler handler, Done done) {
    ChannelFactory<? extends Channel> channels = loops.connecting(to);
    if (channels == null) {
      fail(done, new UnsupportedAddressTypeException());
      return null;
    }
    Channel channel;
    try {
      channel = channels.newChannel();
    } catch (RuntimeException e) {
      fail(done, e);
      return null;
    }
    configure(channel, timeoutMillis);
    channel.pipeline().addLast(handler);
    ChannelFuture registered = loop.register(channel);
    if (registered.isDone()) {
      connect(registered, to, done);
    } else { // deep among the listeners of other futures
      registered.addListener(future -> connect((ChannelFuture) future, to, done));
    }
    return channel;
  }

  private void fail(Done done, Throwable cause) {
    loop.execute(() -> done.failed(cause));
  }

  private void connect(ChannelFuture registered, SocketAddress to, Done done) {
    if (!registered.isSuccess()) {
      fail(done, registered.cause());
      return;
    }
    Channel channel = registered.channel();
    channel
        .connect(to)
        .addListener(
            future -> {
              if (!future.isSuccess()) {
                fail(done, future.cause());
              } else if (toItself(channel)) {
                channel.close();
                fail(done, new ConnectException("nobody listens: the socket reached itself"));
              } else {
                done.connected(channel);
              }
            });
  }

  /**
   * Whether both ends are one socket, which the kernel makes of a connection to a port of this
   * machine that nobody listens on where it lends us that very port (RFC 9293 §3.5, a simultaneous
   * open).
   */
  private static boolean toItself(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress there
        && LENT_PORTS.contains(there.getPort()) // else it saves a system call not to ask
        && there.equals(channel.localAddress());
  }

  private static void configure(Channel channel, int timeoutMillis) {
    ChannelConfig config = channel.config();
    config.setAutoRead(false);
    config.setAllocator(EventLoops.allocator());
    config.setWriteBufferWaterMark(WATER_MARK);
    config.setConnectTimeoutMillis(timeoutMillis);
    config.setOption(ChannelOption.SO_KEEPALIVE, true); // a Unix-domain socket has none
  }
}
