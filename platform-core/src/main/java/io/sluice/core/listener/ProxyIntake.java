package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sluice.core.exchange.Generation;
import io.sluice.core.listener.ListenerConfig.ProxyHeaders;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.ProxyHeader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Reads the PROXY protocol header that a connection begins with, and lets the handlers behind it
 * begin only then. Only trusted peers are listened to, and those of a Unix-domain socket, whose
 * file permissions say who may connect: what any other peer sends is not looked at, and where a
 * header is required it is closed. Leaves the pipeline when it is done.
 */
final class ProxyIntake extends ChannelInboundHandlerAdapter implements ListenerConnection {

  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ListenerConfig config;
  private final ConnectionEnds ends;
  private final Deadline deadline;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf came;
  private @Nullable Generation held;
  private boolean counted;

  ProxyIntake(ListenerSocket socket, LoopContext loop, ListenerConfig config, ConnectionEnds ends) {
    this.socket = socket;
    this.loop = loop;
    this.config = config;
    this.ends = ends;
    this.deadline = new Deadline(loop.deadlines(), this::onDeadline);
  }

  private boolean required() {
    return config.proxyProtocol() == ProxyHeaders.REQUIRED;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    context = active;
    InetAddress peer = ends.peer() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    if (peer == null || config.trustedProxies().trusts(peer)) {
      counted = true;
      socket.opened(this, loop);
      deadline.after(config.timeouts().header().toNanos());
      active.read();
    } else if (required()) {
      active.close();
    } else {
      finish(active);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf in = (ByteBuf) message;
    ByteBuf gathered = came;
    if (gathered == null) {
      gathered = from.alloc().buffer(Math.max(256, in.readableBytes()));
      came = gathered;
    }
    gathered.writeBytes(in);
    in.release();
    switch (ProxyHeader.look(gathered)) {
      case MORE -> {
        // channelReadComplete asks for more
      }
      case WHOLE -> {
        ProxyHeader header = ProxyHeader.of(gathered);
        gathered.skipBytes(header.length());
        if (header.source() != null && header.destination() != null) {
          ends.told(header.source(), header.destination());
        }
        finish(from);
      }
      case NONE -> {
        if (required()) {
          from.close();
        } else {
          finish(from);
        }
      }
      case BROKEN -> from.close();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (!from.isRemoved()) {
      from.read();
    }
  }

  private void onDeadline() {
    ChannelHandlerContext open = context;
    if (open == null) {
      return;
    }
    if (required() || came != null) {
      open.close();
    } else {
      finish(open); // it waits for us to speak first, so there will be no header
    }
  }

  /** The connection begins for the handlers behind this one. */
  private void finish(ChannelHandlerContext from) {
    leave();
    ByteBuf rest = came;
    came = null;
    from.fireChannelActive();
    if (rest != null && rest.isReadable()) {
      from.fireChannelRead(rest);
      from.fireChannelReadComplete();
    } else if (rest != null) {
      rest.release();
    }
    from.pipeline().remove(this);
    letGo();
  }

  private void letGo() {
    if (held != null) {
      held.unpin(loop);
      held = null;
    }
  }

  private void leave() {
    deadline.remove();
    if (counted) {
      counted = false;
      socket.ended(this, loop);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      from.close();
    } else {
      from.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    leave();
    letGo();
    if (came != null) {
      came.release();
      came = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    where.close();
  }

  @Override
  public void drain() {
    Generation last = socket.last();
    if (last != null && held == null && counted) {
      held = last; // what is accepted is served, by what its listener was
      last.pin(loop);
    }
  }

  @Override
  public void shutDown() {
    if (context != null) {
      context.close();
    }
  }
}
