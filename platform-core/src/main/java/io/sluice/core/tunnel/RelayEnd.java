package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import io.sluice.core.observe.Counter;
import io.sluice.core.transport.Abort;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One end of a {@link Relay}: reads from its connection what it passes to the other end's, one
 * portion at a time and only while that has room. Owns no buffer beyond a call.
 */
final class RelayEnd extends ChannelInboundHandlerAdapter {

  /** With a portion of at most 64 KiB under way, a direction holds at most 192 KiB. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 * 1024, 128 * 1024);

  private final Relay relay;
  private final Counter counter;
  private @Nullable ChannelHandlerContext context;
  private @Nullable SslHandler tls;
  private @Nullable RelayEnd other;
  private long bytes;
  private int portion;
  private boolean held;
  private boolean sawEnd;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean discarding;
  private boolean breaking;
  private boolean endsClosing;
  private boolean closing;
  private boolean broken;
  private boolean cutOff;
  private boolean closed;

  RelayEnd(Relay relay, Counter counter) {
    this.relay = relay;
    this.counter = counter;
  }

  void join(RelayEnd with) {
    other = with;
  }

  RelayEnd other() {
    RelayEnd joined = other;
    if (joined == null) {
      throw new IllegalStateException("not joined yet");
    }
    return joined;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext added = context;
    if (added == null) {
      throw new IllegalStateException("in no pipeline yet");
    }
    return added;
  }

  void tune() {
    context().channel().config().setWriteBufferWaterMark(WATER_MARK);
  }

  /** Octets that came from this side. */
  long bytes() {
    return bytes;
  }

  boolean closed() {
    return closed;
  }

  /** Whether this side said that nothing more comes. */
  boolean sawEnd() {
    return sawEnd;
  }

  /** Whether nothing more comes from this side, and it knows that nothing more goes to it. */
  boolean over() {
    return sawEnd && outputEnded;
  }

  /** Whether it broke after it had said that nothing more comes, and before it was told all. */
  boolean cutOff() {
    return cutOff && !over();
  }

  /** Octets that its socket has not taken yet. */
  long waiting() {
    ChannelOutboundBuffer queue = context().channel().unsafe().outboundBuffer();
    return queue == null ? 0 : queue.totalPendingWriteBytes();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    tls = added.pipeline().get(SslHandler.class);
  }

  /** Octets of this side that were read before; takes them over. */
  void pass(ByteBuf data) {
    take(data);
    passed();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    take((ByteBuf) message);
  }

  private void take(ByteBuf data) {
    portion += data.readableBytes();
    if (discarding || other().closed) {
      data.release();
    } else {
      ChannelHandlerContext to = other().context();
      to.write(data, to.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (tlsEnded() && !sawEnd && !broken) {
      saidClose();
      return;
    }
    passed();
    readOn();
  }

  /**
   * Whether close_notify came. Netty's own event of that says nothing once our direction is closed:
   * with BoringSSL it then follows the next record, whatever that is.
   */
  private boolean tlsEnded() {
    SslHandler under = tls;
    return under != null && under.engine().isInboundDone();
  }

  private void passed() {
    if (portion == 0) {
      return;
    }
    bytes += portion;
    counter.add(portion);
    portion = 0;
    if (!discarding) {
      relay.moved();
    }
    if (!other().closed) {
      other().context().flush();
    }
  }

  /** Asks for another portion, now or when the other side has room. */
  void readOn() {
    held = !discarding && !other().context().channel().isWritable();
    if (!held && !sawEnd && !closed) {
      context().read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    if (changed.channel().isWritable() && other().held) {
      other().readOn();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !broken && !sawEnd) {
      passed();
      if (tlsEnded()) {
        saidClose();
      } else if (tls == null) {
        inputEnded();
      } else {
        close(); // without close_notify: the other side must not take it for a whole one
      }
    }
  }

  /** This side ended its TLS: all of it came, and nothing more can go there. */
  void saidClose() {
    passed();
    inputEnded();
    close();
  }

  /** Nothing more comes from this side: the other one is told behind what it was sent. */
  void inputEnded() {
    if (sawEnd) {
      return;
    }
    sawEnd = true;
    if (!discarding) {
      other().endOutput();
    } else if (outputEnded) {
      leave();
    }
  }

  private void endOutput() {
    if (closed) {
      return;
    }
    outputEnding = true;
    if (tls == null && waiting() == 0) {
      outputSent();
    } else {
      context()
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              sent -> {
                if (sent.isSuccess()) {
                  outputSent();
                } else {
                  broke();
                }
              });
    }
  }

  private void outputSent() {
    outputEnded = true;
    if (!closed && !breaking && !(over() && other().over())) { // else closing says it
      shutdownOutput();
    }
    if (discarding) {
      rest();
    }
    relay.ended();
  }

  private void shutdownOutput() {
    Channel channel = context().channel();
    if (!(channel instanceof DuplexChannel duplex)) {
      return;
    }
    SslHandler under = tls;
    if (under != null) {
      under.closeOutbound().addListener(said -> duplex.shutdownOutput());
      return;
    }
    if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
      try {
        socket.shutdown(false, true); // the channel makes an exception with a stack of each
      } catch (IOException e) {
        close();
        return;
      }
    } else {
      duplex.shutdownOutput();
    }
    if (!sawEnd) { // its end ends the connection, which the transport does with fewer calls
      endsClosing = channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    }
  }

  /** The other side is gone: sends what is queued, reads what comes to no end, and closes. */
  void finish() {
    discarding = true;
    if (outputEnded) {
      rest();
    } else if (!outputEnding) {
      endOutput();
    }
    if (!closing) {
      readOn();
    }
  }

  /**
   * The other side broke with all that it had to say said: sends what is queued of that, and ends
   * with a reset, for what this side sent did not arrive. Once it was told of the end there is
   * nothing to wait for: after an end of its own it could not be reset any more.
   */
  void breakOff() {
    if (outputEnded) {
      reset();
    } else {
      breaking = true;
      finish();
    }
  }

  /** It has all that was for it. */
  private void rest() {
    if (sawEnd) {
      leave();
    } else {
      relay.linger();
    }
  }

  private void leave() {
    if (breaking) {
      reset();
    } else {
      close();
    }
  }

  void close() {
    closing = true;
    context().close();
  }

  /** With a reset where something is lost by closing. */
  void closeHonestly() {
    if (!closed && (breaking || waiting() > 0)) {
      reset();
    } else {
      close();
    }
  }

  void reset() {
    closing = true;
    Abort.close(context().channel());
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    closed = true;
    passed();
    sawEnd |= endsClosing && !broken && !closing;
    relay.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    broke();
  }

  private void broke() {
    cutOff |= sawEnd && !closing;
    broken = true; // what the transport now calls the end of the input is none
    close();
  }
}
