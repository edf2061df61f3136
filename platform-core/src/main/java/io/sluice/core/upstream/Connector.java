package io.sluice.core.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes one connection to an endpoint that is given by a name, by whichever of its addresses
 * answers first: each is tried as soon as the one before failed, and at the latest 250 ms after the
 * one before was begun ("Happy Eyeballs", RFC 8305 §5, Connection Attempt Delay). Resolving and
 * connecting share one time limit. Everything happens on one event loop.
 */
final class Connector implements Resolvers.Answered {

  /** RFC 8305 §8 recommends 250 ms. */
  static final long ATTEMPT_DELAY_MILLIS = 250;

  private final Dialer dialer;
  private final int timeoutMillis;
  private final ChannelHandler handler;
  private final Dialer.Done done;
  private final Deque<InetSocketAddress> left = new ArrayDeque<>();
  private final List<Channel> open = new ArrayList<>();
  private final ScheduledFuture<?> limit;
  private @Nullable ScheduledFuture<?> next;
  private @Nullable Throwable failure;
  private int underWay;
  private boolean resolved;
  private boolean over;

  /**
   * Begins.
   *
   * @param handler put into the pipeline of the one connection that is made, before it reads
   */
  static Connector connect(
      Dialer dialer,
      Resolvers resolvers,
      InetSocketAddress name,
      int timeoutMillis,
      ChannelHandler handler,
      Dialer.Done done) {
    Connector connector = new Connector(dialer, timeoutMillis, handler, done);
    resolvers.resolve(dialer.loop(), name, connector);
    return connector;
  }

  /** Nobody wants it any longer: closes whatever is under way, and {@link Done} hears nothing. */
  void cancel() {
    if (!over) {
      finish();
    }
  }

  /** One that waits for {@link #addresses}; the time runs. */
  Connector(Dialer dialer, int timeoutMillis, ChannelHandler handler, Dialer.Done done) {
    this.dialer = dialer;
    this.timeoutMillis = timeoutMillis;
    this.handler = handler;
    this.done = done;
    this.limit = dialer.loop().schedule(this::timedOut, timeoutMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void addresses(List<InetSocketAddress> found) {
    if (!over) {
      resolved = true;
      left.addAll(found);
      tryNext();
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (!over) {
      finish();
      done.failed(cause);
    }
  }

  private void tryNext() {
    ScheduledFuture<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
      next = null;
    }
    InetSocketAddress address = left.poll();
    if (over || address == null) {
      return;
    }
    if (!left.isEmpty()) {
      next = dialer.loop().schedule(this::tryNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
    underWay++;
    Arrival arrival = new Arrival();
    Channel channel = dialer.dial(address, timeoutMillis, arrival, arrival);
    if (channel != null && !over) {
      arrival.channel = channel;
      open.add(channel);
    }
  }

  private void made(Channel channel, Arrival arrival) {
    underWay--;
    open.remove(channel);
    if (over) {
      channel.close();
    } else if (channel.isActive()) {
      finish();
      arrival.handOver(channel, handler);
      done.connected(channel);
    } else {
      missed(null);
    }
  }

  /** One address did not work: the next, or none was left. */
  private void missed(@Nullable Throwable cause) {
    if (over) {
      return;
    }
    if (failure == null && cause != null) {
      failure = cause;
    }
    if (!left.isEmpty()) {
      tryNext();
    } else if (underWay == 0) {
      finish();
      done.failed(failure == null ? new java.net.ConnectException("closed at once") : failure);
    }
  }

  private void timedOut() {
    if (!over) {
      finish();
      done.failed(
          resolved
              ? new ConnectTimeoutException("no address answered in time")
              : new UnknownHostException("no name server answered in time"));
    }
  }

  private void finish() {
    over = true;
    limit.cancel(false);
    ScheduledFuture<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
    }
    List.copyOf(open).forEach(Channel::close);
  }

  /** Stands in a pipeline until it is known whether the connection is wanted. */
  private final class Arrival extends ChannelInboundHandlerAdapter implements Dialer.Done {

    private @Nullable Channel channel;
    private boolean active;
    private boolean handedOver;

    @Override
    public void connected(Channel connected) {
      made(connected, this);
    }

    @Override
    public void failed(Throwable cause) {
      underWay--;
      if (channel != null) {
        open.remove(channel);
      }
      missed(cause);
    }

    /** The real handler hears {@code channelActive} once, whether that was already or comes yet. */
    void handOver(Channel channel, ChannelHandler handler) {
      channel.pipeline().addLast(handler);
      handedOver = true;
      ChannelHandlerContext context = channel.pipeline().context(this);
      if (active && context != null) {
        context.fireChannelActive();
        channel.pipeline().remove(this);
      }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      active = true;
      context.fireChannelActive();
      if (handedOver) {
        context.pipeline().remove(this);
      }
    }
  }
}
