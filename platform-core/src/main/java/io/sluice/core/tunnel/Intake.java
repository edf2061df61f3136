package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a tunnel until an endpoint is reached: reads as much as is needed to know
 * where the client wants to go, else {@value #EARLY} octets at most and one portion, and keeps it.
 * Owns what it holds until {@link #take}.
 *
 * <p>It goes on asking as long as it has room, so that a client's leaving is noticed; and since a
 * request to read that stays open costs nothing, while taking it back and making it again are two
 * system calls.
 */
final class Intake extends ChannelInboundHandlerAdapter {

  /** Octets: more than a client sends that waits for an answer, less than hurts. */
  private static final int EARLY = 16 * 1024;

  private final TcpTunnel tunnel;
  private @Nullable ClientHello hello;
  private @Nullable ByteBuf came;
  private @Nullable ChannelHandlerContext context;
  private boolean inputEnded;
  private boolean saidClose;
  private boolean reading;

  Intake(TcpTunnel tunnel) {
    this.tunnel = tunnel;
  }

  /** A ClientHello is to be read first. */
  void peek() {
    hello = new ClientHello();
  }

  /** What came, or null; the caller's from now on. */
  @Nullable ByteBuf take() {
    ByteBuf held = came;
    came = null;
    return held;
  }

  boolean inputEnded() {
    return inputEnded;
  }

  /** Whether the client ended its TLS, and with it both directions. */
  boolean saidClose() {
    return saidClose;
  }

  void release() {
    ByteBuf held = take();
    if (held != null) {
      held.release();
    }
  }

  private boolean peeking() {
    return hello != null && hello.state() == ClientHello.State.MORE;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    begin();
  }

  /** The connection is open: what comes is the client's. */
  void begin() {
    ChannelHandlerContext open = context;
    if (open == null) {
      throw new IllegalStateException("in no pipeline yet");
    }
    reading = true;
    open.read();
    tunnel.onActive(open.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    boolean peeking = peeking();
    int from = keep(context, in);
    if (peeking && hello != null && came != null) {
      switch (hello.read(came, from)) {
        case MORE -> {
          // channelReadComplete asks for more
        }
        case WHOLE -> tunnel.onHello(hello.serverName());
        case BROKEN -> tunnel.onGarbage();
      }
    }
  }

  /** Answers where in {@link #came} the new octets begin. */
  private int keep(ChannelHandlerContext context, ByteBuf in) {
    ByteBuf held = came;
    if (held == null) {
      came = in;
      return in.readerIndex();
    }
    int from = held.writerIndex();
    if (held.maxFastWritableBytes() < in.readableBytes()) {
      ByteBuf grown = context.alloc().buffer(2 * (held.readableBytes() + in.readableBytes()));
      grown.writeBytes(held);
      held.release();
      held = grown;
      from = grown.writerIndex();
    }
    held.writeBytes(in);
    in.release();
    came = held;
    return from;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    ByteBuf held = came;
    reading = peeking() || held == null || held.readableBytes() < EARLY;
    if (reading) {
      context.read();
    }
  }

  /** Whether a read is outstanding that will be answered to whoever takes this one's place. */
  boolean reading() {
    return reading;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslCloseCompletionEvent closing) {
      saidClose = closing.isSuccess();
    } else if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      boolean cutShort = !saidClose && context.pipeline().get(SslHandler.class) != null;
      if (peeking() || cutShort) {
        context.close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    tunnel.onClientGone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
