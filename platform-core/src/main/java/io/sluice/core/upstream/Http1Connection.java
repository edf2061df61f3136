package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.core.http.BodyDecoder;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Chunks;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.Framing;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestWriter;
import io.sluice.core.http.ResponseParser;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.tls.TlsFailures;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an endpoint: a request at a time, its response to one receiver. Lives
 * in the pool of its event loop while nothing uses it, with a read outstanding so that the
 * endpoint's closing is noticed. Everything is called on that loop.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter
    implements PooledConnection, UpstreamStream {

  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_HEAD_LINES = 200;
  private static final int MAX_TRAILER_BYTES = 16 * 1024;

  /** About what a new connection's first segments carry: more is not worth reading for it. */
  private static final int MAX_DRAINED_BYTES = 16 * 1024;

  private static final long MAX_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Content up to this size goes out in one buffer with what frames it. */
  private static final int SMALL_CHUNK = 4096;

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
  private final @Nullable Secured tls;
  private final Deadline idle;

  private @Nullable ChannelHandlerContext context;
  private State state = State.IDLE;
  private @Nullable ResponseReceiver receiver;
  private ParsedResponse response = new ParsedResponse();
  private @Nullable ByteHeaders trailers;
  private boolean toHead;
  private boolean chunked;
  private boolean requestEnded;
  private boolean paused;
  private boolean used;
  private boolean octetsCame;
  private boolean saidClose;
  private boolean keepAlive;
  private int drainable;

  Http1Connection(LoopPool pool, EndpointState endpoint, @Nullable Secured tls) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.tls = tls;
    this.idle = new Deadline(pool.loop().deadlines(), this::close);
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

  @Override
  public EndpointState endpoint() {
    return endpoint;
  }

  @Override
  public boolean reused() {
    return used;
  }

  @Override
  public int room() {
    return state == State.IDLE ? 1 : 0;
  }

  @Override
  public boolean unused() {
    return state == State.IDLE;
  }

  @Override
  public boolean multiplexed() {
    return false;
  }

  @Override
  public boolean takes(@Nullable String upgrade) {
    return true;
  }

  @Override
  public UpstreamStream open() {
    return this;
  }

  @Override
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

  @Override
  public void head(
      RequestWriter writer,
      ParsedRequest request,
      ForwardedLines forwarded,
      @Nullable ByteBuf content,
      boolean last) {
    chunked = writer.chunked();
    int length = content == null ? 0 : content.readableBytes();
    int room = writer.roomNeeded(request, forwarded) + length + Chunks.OVERHEAD;
    ByteBuf out = EventLoops.allocator().directBuffer(room);
    writer.write(out, request, forwarded);
    if (content != null) {
      if (chunked && length > 0) {
        writeChunk(out, content);
      } else {
        out.writeBytes(content);
      }
      content.release();
    }
    write(out);
    if (last) {
      end(null);
    }
  }

  @Override
  public void data(ByteBuf content) {
    if (!chunked) {
      write(content);
      return;
    }
    int length = content.readableBytes();
    if (length <= SMALL_CHUNK) {
      ByteBuf chunk = EventLoops.allocator().directBuffer(length + Chunks.OVERHEAD);
      writeChunk(chunk, content);
      content.release();
      write(chunk);
      return;
    }
    ByteBuf size = EventLoops.allocator().directBuffer(Chunks.OVERHEAD);
    Chunks.writeSize(size, length);
    write(size);
    write(content);
    ByteBuf end = EventLoops.allocator().directBuffer(2);
    Chunks.writeEnd(end);
    write(end);
  }

  private static void writeChunk(ByteBuf out, ByteBuf content) {
    Chunks.writeSize(out, content.readableBytes());
    out.writeBytes(content);
    Chunks.writeEnd(out);
  }

  @Override
  public void end(@Nullable ByteHeaders section) {
    if (chunked) {
      ByteBuf last = EventLoops.allocator().directBuffer(Chunks.lastRoom(section));
      Chunks.writeLast(last, section);
      write(last);
    }
    requestEnded = true;
  }

  @Override
  public void call(ClientRequest request) {
    byte[] octets = RequestText.of(request, endpoint.authority(), false);
    write(EventLoops.allocator().directBuffer(octets.length).writeBytes(octets));
    requestEnded = true;
  }

  private void write(ByteBuf octets) {
    ChannelHandlerContext to = context;
    if (to == null || state == State.CLOSED) {
      octets.release();
    } else {
      to.write(octets, to.voidPromise());
    }
  }

  @Override
  public void flush() {
    ChannelHandlerContext to = context;
    if (to != null && state != State.CLOSED) {
      to.flush();
    }
  }

  /** It never returns to the pool, which is told when it closes. */
  @Override
  public Channel handOver() {
    Channel channel = channel();
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    state = State.HANDED_OVER;
    idle.clear();
    return channel;
  }

  @Override
  public boolean writable() {
    ChannelHandlerContext to = context;
    return to != null && to.channel().isWritable();
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    ChannelHandlerContext from = context;
    if (from != null && state != State.CLOSED) {
      from.read();
    }
  }

  /** The connection closes. */
  @Override
  public void abort() {
    receiver = null;
    state = State.CLOSED;
    close();
  }

  /**
   * Takes what is left of a small response, for a short time, and then serves again. Where that
   * would cost more than another connection, it closes.
   */
  @Override
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

  @Override
  public void shutdownOutput() {
    ChannelHandlerContext to = context;
    if (to != null && to.channel() instanceof DuplexChannel duplex) {
      // Behind what is queued: shutting down at once would throw that away.
      Secured over = tls;
      if (over == null) {
        to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> duplex.shutdownOutput());
      } else {
        over.handler().closeOutbound().addListener(said -> duplex.shutdownOutput());
      }
    }
  }

  @Override
  public @Nullable Secured secured() {
    return tls;
  }

  @Override
  public boolean usable() {
    ChannelHandlerContext to = context;
    return state == State.IDLE && to != null && to.channel().isActive();
  }

  @Override
  public void idleFor(long nanos) {
    used = true;
    idle.after(nanos);
  }

  @Override
  public void close() {
    ChannelHandlerContext to = context;
    if (to != null) {
      to.close();
    }
  }

  private Channel channel() {
    ChannelHandlerContext to = context;
    if (to == null) {
      throw new IllegalStateException("not connected yet");
    }
    return to.channel();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    if (added.channel().isActive()) {
      added.read();
    }
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
      to.onFailure(kind, stale ? ResponseReceiver.Fate.STALE : ResponseReceiver.Fate.UNKNOWN);
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
    // Once our direction is closed the event follows any record: only the engine knows then.
    boolean said =
        event instanceof SslCloseCompletionEvent closing
            && closing.isSuccess()
            && tls != null
            && tls.handler().engine().isInboundDone();
    if (said && state != State.HANDED_OVER) {
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
