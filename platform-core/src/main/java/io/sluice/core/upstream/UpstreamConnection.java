package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.BodyDecoder;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Framing;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.ResponseParser;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.TlsFailures;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an endpoint: a request at a time, its response to one receiver. Lives
 * in the pool of its event loop while nothing uses it, with a read outstanding so that the
 * endpoint's closing is noticed. Everything is called on that loop.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {

  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_HEAD_LINES = 200;
  private static final int MAX_TRAILER_BYTES = 16 * 1024;

  /** About what a new connection's first segments carry: more is not worth reading for it. */
  private static final int MAX_DRAINED_BYTES = 16 * 1024;

  private static final long MAX_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    IDLE,
    HEAD,
    BODY,
    TUNNEL,
    /** What comes is for the handlers behind this one. */
    HANDED_OVER,
    CLOSED
  }

  private final LoopPool pool;
  private final EndpointState endpoint;
  private final ResponseParser parser = new ResponseParser(MAX_HEAD_BYTES, MAX_HEAD_LINES);
  private final BodyDecoder decoder = new BodyDecoder(ErrorKind.BAD_RESPONSE, MAX_TRAILER_BYTES);
  private final BodyDecoder.Sink sink = new ToReceiver();
  private final Deadline idle;

  private @Nullable ChannelHandlerContext context;
  private State state = State.IDLE;
  private @Nullable ResponseReceiver receiver;
  private ParsedResponse response = new ParsedResponse();
  private @Nullable ByteHeaders trailers;
  private boolean toHead;
  private boolean requestEnded;
  private boolean paused;
  private boolean used;
  private boolean octetsCame;
  private @Nullable SslHandler tls;
  private @Nullable Object tlsSettings;
  private boolean saidClose;
  private boolean keepAlive;
  private int drainable;

  UpstreamConnection(LoopPool pool, EndpointState endpoint, LoopContext loop) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.idle = new Deadline(loop.deadlines(), this::close);
  }

  private final class ToReceiver implements BodyDecoder.Sink {
    @Override
    public void onData(ByteBuf data) {
      ResponseReceiver to = receiver;
      if (to == null) {
        drained(data.readableBytes());
        data.release();
      } else {
        to.onData(data);
      }
    }

    @Override
    public void onEnd(@Nullable ByteHeaders section) {
      trailers = section;
    }
  }

  /** The endpoint at the other end. */
  public EndpointState endpoint() {
    return endpoint;
  }

  /** Whether it has served a request before. */
  public boolean reused() {
    return used;
  }

  /** Begins a request. Follow with the head by {@link #write}. */
  public void begin(ResponseReceiver to, ParsedResponse target, boolean head) {
    receiver = to;
    response = target;
    toHead = head;
    requestEnded = false;
    octetsCame = false;
    trailers = null;
    parser.reset(target);
    state = State.HEAD;
    idle.clear();
    if (paused) {
      resume();
    }
  }

  /** Passes octets on to the socket's buffer; takes them over. */
  public void write(ByteBuf octets) {
    ChannelHandlerContext to = context;
    if (to == null || state == State.CLOSED) {
      octets.release();
    } else {
      to.write(octets, to.voidPromise());
    }
  }

  /** Sends what was written. */
  public void flush() {
    ChannelHandlerContext to = context;
    if (to != null && state != State.CLOSED) {
      to.flush();
    }
  }

  /** The request is written whole: after its response the connection may serve another one. */
  public void requestEnded() {
    requestEnded = true;
  }

  /**
   * Gives the connection away: the octets are for the handlers that the caller adds behind this
   * one, and so is everything else that happens, the end of the input on its own included. It never
   * returns to the pool, which is told when it closes.
   */
  public Channel handOver() {
    Channel channel = channel();
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    state = State.HANDED_OVER;
    idle.clear();
    return channel;
  }

  /** Whether the socket's buffer has room. */
  public boolean writable() {
    ChannelHandlerContext to = context;
    return to != null && to.channel().isWritable();
  }

  /** Stops reading once what is under way has been delivered. */
  public void pause() {
    paused = true;
  }

  /** Reads on. */
  public void resume() {
    paused = false;
    ChannelHandlerContext from = context;
    if (from != null && state != State.CLOSED) {
      from.read();
    }
  }

  /** Ends the request in the middle: the receiver hears no more, the connection closes. */
  public void abort() {
    receiver = null;
    state = State.CLOSED;
    close();
  }

  /**
   * The response is not wanted, but its connection is: takes what is left of a small one, for a
   * short time, and then serves again. Where that would cost more than another connection, it
   * closes. The receiver hears no more.
   */
  public void drain() {
    long left = decoder.remaining();
    boolean worthIt = state == State.BODY && requestEnded && keepAlive && left <= MAX_DRAINED_BYTES;
    if (!worthIt) {
      abort();
      return;
    }
    receiver = null;
    drainable = MAX_DRAINED_BYTES;
    idle.after(MAX_DRAIN_NANOS);
    if (paused) {
      resume();
    }
  }

  private void drained(int octets) {
    drainable -= octets;
    if (drainable < 0) {
      abort();
    }
  }

  /** Half-closes a tunnel towards the endpoint. */
  public void shutdownOutput() {
    ChannelHandlerContext to = context;
    if (to != null && to.channel() instanceof DuplexChannel duplex) {
      // Behind what is queued: shutting down at once would throw that away.
      SslHandler over = tls;
      if (over == null) {
        to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> duplex.shutdownOutput());
      } else {
        over.closeOutbound().addListener(said -> duplex.shutdownOutput());
      }
    }
  }

  /** It speaks TLS from now on. */
  void secured(SslHandler handler, @Nullable Object settings) {
    tls = handler;
    tlsSettings = settings;
  }

  /** What its TLS was made with; null for plaintext. */
  @Nullable Object tlsSettings() {
    return tlsSettings;
  }

  boolean usable() {
    ChannelHandlerContext to = context;
    return state == State.IDLE && to != null && to.channel().isActive();
  }

  void idleFor(long nanos) {
    used = true;
    idle.after(nanos);
  }

  void close() {
    ChannelHandlerContext to = context;
    if (to != null) {
      to.close();
    }
  }

  Channel channel() {
    ChannelHandlerContext to = context;
    if (to == null) {
      throw new IllegalStateException("not connected yet");
    }
    return to.channel();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    if (state == State.HANDED_OVER) {
      active.fireChannelActive();
      return;
    }
    active.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (state == State.HANDED_OVER) {
      from.fireChannelRead(message);
      return;
    }
    ByteBuf in = (ByteBuf) message;
    try {
      consume(in);
    } catch (FramingException e) {
      fail(e.kind());
    } finally {
      in.release();
    }
  }

  private void consume(ByteBuf in) {
    while (in.isReadable()) {
      octetsCame = true;
      switch (state) {
        case HEAD:
          if (!parser.read(in, toHead)) {
            return;
          }
          headCame(in);
          break;
        case BODY:
          decoder.decode(in, sink);
          endIfDone(in);
          break;
        case TUNNEL:
          sink.onData(in.readRetainedSlice(in.readableBytes()));
          return;
        case HANDED_OVER:
          throw new IllegalStateException("handed over");
        case IDLE:
          // Octets that nobody asked for: what follows could be taken for another answer.
          close();
          return;
        case CLOSED:
          return;
      }
    }
  }

  private void headCame(ByteBuf in) {
    ResponseReceiver to = receiver;
    if (to == null) {
      close();
      state = State.CLOSED;
      return;
    }
    if (response.informational()) {
      to.onInformational(response);
      if (state == State.HEAD) {
        parser.reset(response);
      }
      return;
    }
    if (response.status() == 101) {
      state = State.TUNNEL;
      to.onHead(response);
      return;
    }
    state = State.BODY;
    keepAlive = response.keepAlive();
    decoder.reset(response.framing(), response.contentLength(), Long.MAX_VALUE);
    to.onHead(response);
    endIfDone(in);
  }

  private void endIfDone(ByteBuf in) {
    if (state == State.BODY && decoder.done()) {
      end(in.isReadable());
    }
  }

  private void end(boolean octetsLeft) {
    ResponseReceiver to = receiver;
    ByteHeaders section = trailers;
    receiver = null;
    boolean reusable = state == State.BODY && requestEnded && keepAlive && !octetsLeft;
    if (reusable && context != null && context.channel().isActive()) {
      state = State.IDLE;
      if (paused) {
        resume(); // in the pool a read is always outstanding
      }
      used = true;
      pool.release(this);
    } else {
      state = State.CLOSED;
      close();
    }
    if (to != null) {
      to.onEnd(section);
    }
  }

  private void fail(ErrorKind kind) {
    ResponseReceiver to = receiver;
    receiver = null;
    boolean stale = used && !octetsCame && kind == ErrorKind.CONNECTION_TERMINATED;
    state = State.CLOSED;
    close();
    if (to != null) {
      to.onFailure(kind, stale);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (state == State.HANDED_OVER) {
      from.fireChannelReadComplete();
      return;
    }
    ResponseReceiver to = receiver;
    if (to != null) {
      to.onReadComplete();
    }
    if (!paused) {
      from.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    if (state == State.HANDED_OVER) {
      changed.fireChannelWritabilityChanged();
      return;
    }
    ResponseReceiver to = receiver;
    if (to != null) {
      to.onWritability(changed.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    idle.remove();
    pool.closed(this);
    if (state == State.HANDED_OVER) {
      gone.fireChannelInactive();
    }
    inputEnded();
    state = State.CLOSED;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof SslCloseCompletionEvent closing && closing.isSuccess()) {
      saidClose = true;
      inputEnded();
      state = State.CLOSED;
      from.close();
    }
    from.fireUserEventTriggered(event); // a relay may stand behind and wait for a half-close
  }

  /** Whether content that lasts until the close may have been cut short (RFC 8446 §6.1). */
  private boolean mayBeCutShort() {
    return tls != null && !saidClose && response.framing() == Framing.UNTIL_CLOSE;
  }

  private void inputEnded() {
    if (receiver == null) {
      return;
    }
    switch (state) {
      case HEAD -> fail(ErrorKind.CONNECTION_TERMINATED);
      case BODY -> {
        if (mayBeCutShort()) {
          fail(ErrorKind.RESPONSE_BROKEN);
          return;
        }
        try {
          decoder.inputClosed(sink);
          end(false);
        } catch (FramingException e) {
          fail(ErrorKind.RESPONSE_BROKEN);
        }
      }
      case TUNNEL -> end(false);
      case IDLE, HANDED_OVER, CLOSED -> {
        // nobody is waiting
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    if (state == State.HANDED_OVER) {
      where.fireExceptionCaught(cause);
      return;
    }
    // A reset or a failed write: the response is broken off, whatever octets it still lacked.
    if (receiver != null) {
      boolean head = state == State.HEAD;
      ErrorKind early =
          TlsFailures.isAlert(cause)
              ? ErrorKind.TLS_ALERT_RECEIVED
              : ErrorKind.CONNECTION_TERMINATED;
      fail(head ? early : ErrorKind.RESPONSE_BROKEN);
    } else {
      close();
    }
  }
}
