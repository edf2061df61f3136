package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.sluice.core.http.FrameBudget;
import io.sluice.core.http.FrameScan;
import io.sluice.core.transport.LoopContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's HTTP/2 connection (RFC 9113): every stream of it is served by an {@link
 * Http2ClientStream}. Netty reads and checks the frames and keeps the windows; what is allowed
 * beyond that is the {@link FrameBudget}'s to say. Everything runs on the connection's event loop.
 */
final class Http2ClientConnection extends Http2ConnectionHandler implements ListenerConnection {

  private static final Logger log = LoggerFactory.getLogger(Http2ClientConnection.class);

  private final ClientSide client;
  private final ListenerSocket socket;
  private final LoopContext loop;
  private final FrameBudget budget;
  private final FrameScan scan;
  private final FrameBuffer frames;
  private final Http2ClientStreams streams;
  private final Http2ClientFrames received;
  private final Http2ConnectionLife life;
  private final Runnable flush = this::flushNow;

  private @Nullable ChannelHandlerContext context;
  private boolean flushDue;
  private boolean inputEnded;
  private long bytesIn;

  /** A connection of {@code client}. */
  static Http2ClientConnection of(ClientSide client) {
    return new Http2ClientConnection(client, Http2Codec.of(client.config()));
  }

  private Http2ClientConnection(ClientSide client, Http2Codec codec) {
    super(codec.decoder(), codec.encoder(), codec.settings(), true); // close() only closes
    this.client = client;
    this.socket = client.socket();
    this.loop = client.loop();
    this.budget = codec.budget();
    this.frames = codec.frames();
    this.scan = new FrameScan(budget, Http2Preface.LENGTH);
    this.streams = new Http2ClientStreams(this, client);
    this.received = new Http2ClientFrames(this, client, streams);
    this.life = new Http2ConnectionLife(this, client, streams, scan);
    decoder().frameListener(received);
    connection().addListener(streams);
    encoder().flowController().listener(streams);
  }

  // ---- the connection's beginning and end ----

  /** Takes its place in the pipeline of a connection that is to be opened. */
  void addTo(ChannelPipeline pipeline) {
    pipeline.addLast(frames, this);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) throws Exception {
    super.channelActive(active);
    socket.opened(this, loop);
    begin(active);
  }

  /** Takes its place in the pipeline: the socket is open, the listener knows us. */
  void begin(ChannelPipeline pipeline) {
    addTo(pipeline);
    begin(pipeline.lastContext());
  }

  private void begin(ChannelHandlerContext active) {
    context = active;
    client.begin();
    socket.meters().http2Connections.incrementAndGet();
    life.begin();
    widen();
    if (socket.draining()) {
      drain();
    }
    active.read();
  }

  /** The window of the connection is no setting (RFC 9113 §6.9.2). */
  private void widen() {
    try {
      Http2Stream whole = connection().connectionStream();
      int window = client.config().limits().connectionWindow();
      int more = window - decoder().flowController().windowSize(whole);
      decoder().flowController().incrementWindowSize(whole, more);
      flushLater();
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) throws Exception {
    life.close();
    streams.connectionGone();
    super.channelInactive(gone);
    streams.dispose();
    client.letGo();
    frames.release();
    countBytes();
    socket.meters().http2Connections.decrementAndGet();
    socket.ended(this, loop);
  }

  private void countBytes() {
    socket.meters().bytesIn.add(bytesIn);
    socket.meters().bytesOut.add(frames.takeWritten());
    bytesIn = 0;
  }

  @Override
  public void drain() {
    if (!life.closed()) {
      client.hold();
      goAwaySoon();
    }
  }

  @Override
  public void reconsider() {
    if (client.outlived()) {
      goAwaySoon();
    }
  }

  /** No request is served beyond those that are on their way. */
  void goAwaySoon() {
    if (context != null) {
      life.goAwaySoon();
    }
  }

  /** Tells the client that no stream behind {@code last} is served. */
  void goAway(int last) {
    ChannelHandlerContext to = context;
    if (to != null) {
      goAway(to, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, to.newPromise());
      flushLater();
    }
  }

  @Override
  public void shutDown() {
    ChannelHandlerContext open = context;
    if (open == null || life.closed()) {
      return;
    }
    streams.shutDown();
    if (!life.lingers()) {
      goAway(lastStream());
      flushNow();
    }
    open.close();
  }

  int lastStream() {
    return connection().remote().lastStreamCreated();
  }

  /** The client did what no client may; it is told so, and the connection ends. */
  void fail(Http2Error error, String reason) {
    ChannelHandlerContext to = context;
    if (to == null || life.over()) {
      return;
    }
    if (log.isDebugEnabled()) {
      log.debug(
          "listener {}: HTTP/2 connection of {} ends with {}: {}",
          socket.name(),
          client.peerIp(),
          error,
          reason);
    }
    int last = Math.max(0, lastStream());
    ByteBuf debug = ByteBufUtil.writeAscii(to.alloc(), reason);
    encoder().frameWriter().writeGoAway(to, last, error.code(), debug, to.newPromise());
    linger();
  }

  /** Sends what is queued, half-closes, and waits for the client to close. */
  void linger() {
    ChannelHandlerContext to = context;
    if (to == null) {
      return;
    }
    life.linger();
    streams.connectionGone();
    if (inputEnded) {
      LingeringClose.closeWhenSent(to);
    } else {
      LingeringClose.begin(to, client.tls());
    }
  }

  void close() {
    ChannelHandlerContext open = context;
    if (open != null) {
      open.close();
    }
  }

  // ---- reading ----

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
    if (!(message instanceof ByteBuf in) || life.over()) {
      ReferenceCountUtil.release(message);
      return;
    }
    bytesIn += in.readableBytes();
    String excess = scan.look(in);
    if (excess != null) {
      in.release();
      fail(Http2Error.ENHANCE_YOUR_CALM, excess);
    } else {
      super.channelRead(from, in);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) throws Exception {
    streams.readComplete();
    life.watchSection();
    super.channelReadComplete(from); // which asks for more, and flushes
  }

  /** SETTINGS came, and were taken over. */
  void onSettings() {
    frames.maxFrame(encoder().configuration().frameSizePolicy().maxFrameSize());
    life.onSettings();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      onInputEnded();
    } else if (event instanceof SslCloseCompletionEvent closing && closing.isSuccess()) {
      inputEnded = true; // the engine answered with our close_notify and writes no more
      from.close();
    } else {
      super.userEventTriggered(from, event);
    }
  }

  /** A half-close is no cancellation of what was asked for in full. */
  private void onInputEnded() {
    inputEnded = true;
    frames.inputEnded();
    if (life.lingers()) {
      close();
      return;
    }
    streams.inputEnded();
    life.onInputEnded();
    flushLater();
  }

  /** Whether the client can send nothing any more, room in a window included. */
  boolean inputEnded() {
    return inputEnded;
  }

  @Override
  public void flush(ChannelHandlerContext to) {
    super.flush(to);
    if (inputEnded) {
      streams.windowsFinal();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) throws Exception {
    super.channelWritabilityChanged(changed);
    if (changed.channel().isWritable()) {
      frames.roomCame();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    if (Http2Exception.isStreamError(cause instanceof Http2Exception known ? known : null)) {
      onError(where, false, cause);
    } else {
      where.close();
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext where,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception known) {
    if (known == null) {
      log.warn("listener {}: HTTP/2 connection failed", socket.name(), cause);
    }
    Http2Error error = known == null ? Http2Error.INTERNAL_ERROR : known.error();
    fail(error, known == null ? "" : String.valueOf(known.getMessage()));
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext where,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException wrong) {
    if (!life.over()) {
      received.onError(wrong);
    }
  }

  // ---- what streams ask for ----

  Http2Response newResponse(Runnable onEnd) {
    return new Http2Response(encoder().flowController(), frames, onEnd);
  }

  /** It serves {@code stream} from now on. */
  void used(Http2ClientStream taken, Http2Stream stream) {
    if (streams.use(taken, stream)) {
      life.onUsed();
    }
  }

  /** Its stream and its exchange are over. */
  void release(Http2ClientStream over) {
    if (!streams.release(over) || life.closed()) {
      return;
    }
    countBytes();
    if (!streams.inUse()) {
      life.onUnused();
    }
  }

  /** Octets of its window are free again. */
  void consumed(Http2Stream stream, int octets) {
    try {
      if (decoder().flowController().consumeBytes(stream, octets)) {
        flushLater();
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // more than came: a mistake of ours
    }
  }

  /** Whether the client may send content, as far as the connection's window goes. */
  boolean receiving() {
    return decoder().flowController().windowSize(connection().connectionStream()) > 0;
  }

  boolean writable(Http2Stream stream) {
    return encoder().flowController().isWritable(stream);
  }

  /** Whether the socket takes more, whatever the windows say. */
  boolean socketWritable() {
    return context != null && context.channel().isWritable();
  }

  /** Whether a window of the client has no room for content of {@code stream}. */
  boolean blocked(Http2Stream stream) {
    Http2RemoteFlowController windows = encoder().flowController();
    return windows.windowSize(stream) <= 0
        || windows.windowSize(connection().connectionStream()) <= 0;
  }

  /**
   * The last frame of a response is written. A client that still sends its request is asked to stop
   * (RFC 9113 §8.1).
   *
   * @param whole whether the request is
   */
  void responded(Http2Stream stream, boolean whole) {
    ChannelHandlerContext to = context;
    if (to == null) {
      return;
    }
    budget.responded();
    if (whole) {
      closeStreamLocal(stream, to.newSucceededFuture());
    } else {
      reset(to, stream.id(), Http2Error.NO_ERROR);
    }
  }

  /** Ends one before its time. */
  void reset(int stream, Http2Error error) {
    ChannelHandlerContext to = context;
    if (to != null) {
      reset(to, stream, error);
      flushLater();
    }
  }

  private void reset(ChannelHandlerContext to, int stream, Http2Error error) {
    streams.reset(stream);
    resetStream(to, stream, error.code(), to.newPromise());
  }

  /** The client ended a stream whose response was not whole, or made us end it. */
  void cancelled() {
    String excess = life.over() ? null : budget.reset();
    if (excess != null) {
      fail(Http2Error.ENHANCE_YOUR_CALM, excess);
    }
  }

  /** Sends what is queued once whatever the event loop is at is done: once for many streams. */
  void flushLater() {
    if (!flushDue) {
      flushDue = true;
      loop.loop().execute(flush);
    }
  }

  private void flushNow() {
    flushDue = false;
    ChannelHandlerContext to = context;
    if (to != null && !life.closed()) {
      flush(to);
    }
  }
}
