package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.FrameScan;
import io.sluice.core.http.Http2ResponseReader;
import io.sluice.core.http.WebSocketKey;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.TlsFailures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection to an endpoint (RFC 9113): serves as many requests at once as the endpoint
 * and the configuration allow. It is ready as soon as the endpoint's SETTINGS came, which is its
 * proof that HTTP/2 is spoken there. After a GOAWAY, and when its stream identifiers run out, it
 * takes no more requests and closes behind the last. On the event loop of its pool.
 */
final class Http2EndpointConnection extends Http2ConnectionHandler implements PooledConnection {

  private static final Logger log = LoggerFactory.getLogger(Http2EndpointConnection.class);

  private static final int MAX_HEAD_LINES = 200;

  /** Identifiers end there (RFC 9113 §5.1.1); the rest is left to streams being opened just now. */
  private static final int LAST_STREAM = Integer.MAX_VALUE - 1024;

  private static final long PING = 0x736c75696365L;

  /** How long GOAWAY may take to leave before the socket is closed all the same. */
  private static final long CLOSING_MILLIS = 2000;

  private final Http2EndpointCodec codec;
  private final FrameScan scan;
  private final Http2Owner owner;
  private final EndpointState endpoint;
  private final Http2Liveness liveness;
  private final Http2Config config;
  private final @Nullable Secured tls;
  private final Http2Connection.PropertyKey key;
  private final Http2ResponseReader reader =
      new Http2ResponseReader(Http2EndpointCodec.MAX_HEAD_BYTES, MAX_HEAD_LINES);
  private final List<Http2EndpointStream> touched = new ArrayList<>();
  private final Runnable flush = this::flushNow;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Deadline idle;
  private boolean ready;

  /** Whether the endpoint takes extended CONNECT (RFC 8441 §3). */
  private boolean allowsConnect;

  private boolean flushDue;
  private boolean draining;
  private boolean gone;
  private @Nullable ErrorKind fault;
  private int active;
  private long served;

  /** A handler for the end of a pipeline. */
  static Http2EndpointConnection of(
      Http2Owner owner,
      EndpointState endpoint,
      LoopContext loop,
      Http2Config config,
      @Nullable Secured tls) {
    Http2Liveness liveness = new Http2Liveness(loop, config);
    return new Http2EndpointConnection(
        Http2EndpointCodec.of(config), owner, endpoint, liveness, config, tls);
  }

  private Http2EndpointConnection(
      Http2EndpointCodec codec,
      Http2Owner owner,
      EndpointState endpoint,
      Http2Liveness liveness,
      Http2Config config,
      @Nullable Secured tls) {
    super(codec.decoder(), codec.encoder(), codec.settings(), false, false);
    this.codec = codec;
    this.scan = new FrameScan(codec.budget(), 0);
    this.owner = owner;
    this.endpoint = endpoint;
    this.liveness = liveness;
    this.config = config;
    this.tls = tls;
    this.key = connection().newKey();
    gracefulShutdownTimeoutMillis(CLOSING_MILLIS);
    decoder().frameListener(new Http2EndpointFrames(this));
    connection().addListener(new Streams());
    encoder().flowController().listener(this::writabilityChanged);
    liveness.begin(this::ping, this::dead);
  }

  /** Closes it after a while without a request; told once, before it is in use. */
  void idleBy(Deadline deadline) {
    idle = deadline;
  }

  // ---- as the pool sees it ----

  @Override
  public EndpointState endpoint() {
    return endpoint;
  }

  @Override
  public boolean reused() {
    return served > 0;
  }

  @Override
  public boolean usable() {
    return ready && !draining && !gone && !liveness.inDoubt() && hasIdentifiers();
  }

  private boolean hasIdentifiers() {
    return connection().local().lastStreamCreated() < LAST_STREAM;
  }

  @Override
  public int room() {
    long most = Math.min(config.maxStreams(), connection().local().maxActiveStreams());
    return usable() ? (int) Math.max(0, most - active) : 0;
  }

  @Override
  public boolean multiplexed() {
    return true;
  }

  @Override
  public boolean takes(@Nullable String upgrade) {
    return upgrade == null || (allowsConnect && WebSocketKey.PROTOCOL.equals(upgrade));
  }

  @Override
  public boolean unused() {
    return active == 0;
  }

  @Override
  public UpstreamStream open() {
    codec.budget().headers();
    endpoint.streamOpened();
    if (active++ == 0) {
      liveness.watch();
      if (idle != null) {
        idle.clear();
      }
    }
    return new Http2EndpointStream(this, served++ == 0);
  }

  @Override
  public void idleFor(long nanos) {
    if (idle != null) {
      idle.after(nanos);
    }
  }

  @Override
  public @Nullable Secured secured() {
    return tls;
  }

  @Override
  public void close() {
    ChannelHandlerContext open = context;
    if (open == null || gone) {
      return;
    }
    draining = true;
    if (active == 0) {
      open.channel().close(); // says GOAWAY first
    } else {
      open.close();
    }
  }

  // ---- as its streams see it ----

  ChannelHandlerContext context() {
    ChannelHandlerContext open = context;
    if (open == null) {
      throw new IllegalStateException("not in a pipeline yet");
    }
    return open;
  }

  Http2Connection.PropertyKey key() {
    return key;
  }

  Http2ResponseReader reader() {
    return reader;
  }

  AsciiString scheme() {
    return tls == null ? Http2EndpointStream.HTTP : Http2EndpointStream.HTTPS;
  }

  long reads() {
    return liveness.reads();
  }

  boolean gone() {
    return gone;
  }

  /** What went wrong with the connection as a whole, or null. */
  @Nullable ErrorKind fault() {
    return fault;
  }

  @Nullable Http2EndpointStream stream(int id) {
    Http2Stream stream = connection().stream(id);
    return stream == null ? null : stream.getProperty(key);
  }

  /** Something of a response came; who wants it hears when this burst is over. */
  void touched(Http2EndpointStream stream) {
    touched.add(stream);
  }

  /** A head was not the last one of its response. */
  void informational() {
    codec.budget().informational();
  }

  /** A request was given up on which nothing had come. */
  void doubt() {
    if (ready && !gone) {
      liveness.ask();
    }
  }

  /** One of its streams is over, or was never begun. */
  void streamOver() {
    endpoint.streamClosed();
    if (--active == 0) {
      liveness.rest();
    }
    if (!gone) {
      owner.onRoom(this);
    }
  }

  /**
   * Sends what is queued once whatever the event loop is at is done: once for the many streams
   * whose requests came together.
   */
  void flush() {
    if (!flushDue && !gone) {
      flushDue = true;
      context().channel().eventLoop().execute(flush);
    }
  }

  private void flushNow() {
    flushDue = false;
    if (!gone) {
      flush(context());
    }
  }

  private void writabilityChanged(Http2Stream changed) {
    Http2EndpointStream stream = changed.getProperty(key);
    if (stream != null) {
      stream.onWritability(encoder().flowController().isWritable(changed));
    }
  }

  // ---- liveness ----

  private void ping() {
    encoder().writePing(context(), false, PING, context().newPromise());
    context().flush();
  }

  private void dead() {
    if (!gone) {
      draining = true;
      log.info("{} does not answer any more: its HTTP/2 connection is closed", endpoint.id());
      context().close();
    }
  }

  // ---- frames of the connection ----

  /** SETTINGS came. */
  void onSettings(Http2Settings settings) {
    Boolean connect = settings.connectProtocolEnabled();
    allowsConnect |= connect != null && connect;
    if (!ready) {
      ready = true;
      owner.onReady(this);
    } else {
      owner.onRoom(this);
    }
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream closed) {
      Http2EndpointStream stream = closed.getProperty(key);
      if (stream != null) {
        stream.onClosed();
      }
    }

    @Override
    public void onGoAwayReceived(int last, long errorCode, ByteBuf debugData) {
      draining = true;
      if (errorCode != Http2Error.NO_ERROR.code()) {
        log.info("{} says GOAWAY with error code {}", endpoint.id(), errorCode);
      }
      markUntouched(last);
      if (active == 0) {
        close();
      } else {
        owner.onRoom(Http2EndpointConnection.this);
      }
    }
  }

  /** Streams behind {@code last} were not touched (RFC 9113 §6.8); the codec closes them next. */
  private void markUntouched(int last) {
    try {
      connection()
          .forEachActiveStream(
              open -> {
                Http2EndpointStream stream = open.getProperty(key);
                if (stream != null && open.id() > last) {
                  stream.untouched();
                }
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException("the visitor throws nothing", e);
    }
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext where,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    Http2EndpointStream stream = stream(error.streamId());
    if (stream == null) {
      super.onStreamError(where, outbound, cause, error);
      return;
    }
    boolean large = error instanceof Http2Exception.HeaderListSizeException;
    ErrorKind kind = large ? ErrorKind.RESPONSE_TOO_LARGE : ErrorKind.BAD_RESPONSE;
    log.debug("{}: a response is refused: {}", endpoint.id(), error.getMessage());
    stream.willBeRefused(kind);
    super.onStreamError(where, outbound, cause, error);
    stream.onRefused(kind, outbound);
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext where,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception error) {
    fault = ErrorKind.BAD_RESPONSE;
    draining = true;
    log.warn(
        "{}: its HTTP/2 connection is closed: {}",
        endpoint.id(),
        error == null ? cause.toString() : error.getMessage());
    super.onConnectionError(where, outbound, cause, error);
  }

  // ---- the pipeline ----

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    context = added;
    super.handlerAdded(added);
    int more = config.connectionWindow() - Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    if (more > 0) {
      decoder().flowController().incrementWindowSize(connection().connectionStream(), more);
    }
    added.flush();
    added.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
    if (!(message instanceof ByteBuf in) || fault != null) {
      ReferenceCountUtil.release(message);
      return;
    }
    boolean awaited = liveness.heard();
    String excess = scan.look(in);
    if (excess == null && codec.answers().unread()) {
      excess = "answers that are not read";
    }
    if (excess != null) {
      in.release();
      onError(from, false, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, excess));
      return;
    }
    super.channelRead(from, in);
    if (awaited && !gone) {
      owner.onRoom(this);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) throws Exception {
    for (Http2EndpointStream stream : touched) {
      stream.onReadComplete();
    }
    touched.clear();
    liveness.section(scan.withinSection());
    super.channelReadComplete(from);
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) throws Exception {
    gone = true;
    liveness.end();
    if (idle != null) {
      idle.remove();
    }
    if (ready) {
      owner.onClosed(this);
    } else {
      owner.onUnusable(this, fault == null ? ErrorKind.CONNECTION_TERMINATED : fault);
    }
    super.channelInactive(from); // closes its streams
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      super.exceptionCaught(where, cause);
      return;
    }
    if (TlsFailures.isAlert(cause)) {
      fault = ErrorKind.TLS_ALERT_RECEIVED;
    }
    where.close();
  }
}
