package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.sluice.core.http.FrameBudget;
import io.sluice.core.http.FrameScan;
import io.sluice.core.http.Http2MalformedException;
import io.sluice.core.http.Http2RequestReader;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's HTTP/2 connection (RFC 9113): every stream of it is served by an {@link
 * Http2ClientStream}, of which it keeps as many as were open at once. Netty reads and checks the
 * frames and keeps the windows; what is allowed beyond that is the {@link FrameBudget}'s to say.
 * Everything runs on the connection's event loop.
 */
final class Http2ClientConnection extends Http2ConnectionHandler implements ListenerConnection {

  private static final Logger log = LoggerFactory.getLogger(Http2ClientConnection.class);

  /** How long requests may still be on their way when the client is told to send no more. */
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    /** The client's first SETTINGS have not come. */
    PREFACE,
    /** Streams come and go. */
    OPEN,
    /** The client was told to open no more streams; those on their way are served (§6.8). */
    DRAINING,
    /** It was told which stream is the last. */
    LAST,
    /** Our last octet is sent; theirs are dropped until they close. */
    LINGER,
    /** Gone. */
    CLOSED
  }

  private final ClientSide client;
  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ListenerConfig config;
  private final FrameBudget budget;
  private final FrameScan scan;
  private final FrameBuffer frames;
  private final Http2RequestReader reader;
  private final Deadline deadline;
  private final Http2Connection.PropertyKey streamKey;
  private final ClosedStreams closedStreams = new ClosedStreams();
  private final List<Http2ClientStream> live = new ArrayList<>();
  private final ArrayDeque<Http2ClientStream> spare = new ArrayDeque<>();
  private final List<Http2ClientStream> touched = new ArrayList<>();
  private final Runnable flush = this::flushNow;

  private @Nullable ChannelHandlerContext context;
  private State state = State.PREFACE;
  private boolean flushDue;
  private boolean inputEnded;

  /** Whether the deadline is that of a section that has begun. */
  private boolean sectionDue;

  private long requests;
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
    this.config = client.config();
    this.budget = codec.budget();
    this.frames = codec.frames();
    this.scan = new FrameScan(budget, Http2Preface.LENGTH);
    this.reader = new Http2RequestReader(config.upgrades());
    this.deadline = new Deadline(loop.deadlines(), this::onDeadline);
    this.streamKey = connection().newKey();
    decoder().frameListener(new Frames());
    connection().addListener(new Streams());
    encoder().flowController().listener(this::onWritability);
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
    deadline.after(config.timeouts().header().toNanos());
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
      int more = config.limits().connectionWindow() - decoder().flowController().windowSize(whole);
      decoder().flowController().incrementWindowSize(whole, more);
      flushLater();
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) throws Exception {
    state = State.CLOSED;
    deadline.remove();
    List.copyOf(live).forEach(Http2ClientStream::onConnectionGone);
    super.channelInactive(gone);
    spare.forEach(Http2ClientStream::dispose);
    spare.clear();
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
    if (state == State.CLOSED) {
      return;
    }
    client.hold();
    goAwaySoon();
  }

  /**
   * Ends without hurting anybody (RFC 9113 §6.8): requests that are on their way while the client
   * hears of it are served; then it is told which one was the last.
   */
  private void goAwaySoon() {
    ChannelHandlerContext to = context;
    if (to != null && (state == State.OPEN || state == State.PREFACE)) {
      state = State.DRAINING;
      sendGoAway(to, Integer.MAX_VALUE, Http2Error.NO_ERROR);
      deadline.after(Math.min(DRAIN_NANOS, config.timeouts().idle().toNanos()));
    }
  }

  private void lastStreamIsKnown() {
    ChannelHandlerContext to = context;
    if (to != null) {
      state = State.LAST;
      sendGoAway(to, connection().remote().lastStreamCreated(), Http2Error.NO_ERROR);
      endIfDone();
    }
  }

  private void sendGoAway(ChannelHandlerContext to, int last, Http2Error error) {
    goAway(to, last, error.code(), Unpooled.EMPTY_BUFFER, to.newPromise());
    flushLater();
  }

  private void endIfDone() {
    if (state == State.LAST && live.isEmpty()) {
      linger();
    }
  }

  @Override
  public void shutDown() {
    ChannelHandlerContext open = context;
    if (open == null || state == State.CLOSED) {
      return;
    }
    List.copyOf(live).forEach(Http2ClientStream::shutDown);
    if (state != State.LINGER) {
      sendGoAway(open, connection().remote().lastStreamCreated(), Http2Error.NO_ERROR);
      flushNow();
    }
    open.close();
  }

  /** The client did what no client may; it is told so, and the connection ends. */
  private void fail(Http2Error error, String reason) {
    ChannelHandlerContext to = context;
    if (to == null || state == State.LINGER || state == State.CLOSED) {
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
    int last = Math.max(0, connection().remote().lastStreamCreated());
    ByteBuf debug = ByteBufUtil.writeAscii(to.alloc(), reason);
    encoder().frameWriter().writeGoAway(to, last, error.code(), debug, to.newPromise());
    linger();
  }

  /** Sends what is queued, half-closes, and waits for the client to close. */
  private void linger() {
    ChannelHandlerContext to = context;
    if (to == null) {
      return;
    }
    state = State.LINGER;
    List.copyOf(live).forEach(Http2ClientStream::onConnectionGone);
    deadline.after(LingeringClose.NANOS);
    if (inputEnded) {
      LingeringClose.closeWhenSent(to);
    } else {
      LingeringClose.begin(to, client.tls());
    }
  }

  // ---- reading ----

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
    if (!(message instanceof ByteBuf in) || state == State.LINGER || state == State.CLOSED) {
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
    for (int i = 0; i < touched.size(); i++) {
      Http2ClientStream each = touched.get(i);
      each.touched = false;
      each.readComplete();
    }
    touched.clear();
    watchSection();
    super.channelReadComplete(from); // which asks for more, and flushes
  }

  /** What has begun must be whole in time; with streams open, their own deadlines say enough. */
  private void watchSection() {
    if (state == State.OPEN && live.isEmpty() && scan.within() && !sectionDue) {
      sectionDue = true;
      deadline.after(config.timeouts().header().toNanos());
    }
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
    if (state == State.LINGER) {
      close();
      return;
    }
    List.copyOf(live).forEach(Http2ClientStream::onInputEnded);
    state = State.LAST;
    endIfDone();
    flushLater();
  }

  private void close() {
    ChannelHandlerContext open = context;
    if (open != null) {
      open.close();
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
    if (state == State.LINGER || state == State.CLOSED) {
      return;
    }
    if (wrong.error() == Http2Error.STREAM_CLOSED
        && connection().stream(wrong.streamId()) == null) {
      onClosedStream(wrong.streamId());
      return;
    }
    boolean tooLarge =
        wrong instanceof Http2Exception.HeaderListSizeException size && size.duringDecode();
    if (!tooLarge || !answersTooLarge(wrong.streamId())) {
      closedStreams.reset(wrong.streamId());
      resetStream(where, wrong.streamId(), error(wrong).code(), where.newPromise());
      countReset();
    }
  }

  /**
   * A field section behind END_STREAM is told apart from one that is malformed (RFC 9113 §5.1);
   * Netty finds both to be one too many.
   */
  private Http2Error error(Http2Exception.StreamException wrong) {
    Http2Stream stream = connection().stream(wrong.streamId());
    boolean behindTheEnd =
        stream != null
            && stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE
            && stream.getProperty(streamKey) != null
            && String.valueOf(wrong.getMessage()).contains("too many headers");
    return behindTheEnd ? Http2Error.STREAM_CLOSED : wrong.error();
  }

  /** A frame came that only an open stream may have (RFC 9113 §5.1, §5.1.1). */
  private void onClosedStream(int id) {
    switch (closedStreams.how(id)) {
      case RESET -> {
        // it was on its way
      }
      case ENDED -> fail(Http2Error.STREAM_CLOSED, "frame on a closed stream");
      case UNKNOWN -> fail(Http2Error.PROTOCOL_ERROR, "frame on a stream that was never opened");
    }
  }

  /** A section that is too large is answered where it opens a stream (RFC 9113 §10.5.1). */
  private boolean answersTooLarge(int id) {
    if (connection().streamMayHaveExisted(id)) {
      return false;
    }
    try {
      Http2Stream stream = connection().remote().createStream(id, true);
      countRequest();
      take().openRefused(stream);
      return true;
    } catch (Http2Exception e) {
      return false;
    }
  }

  private void countReset() {
    String excess = budget.reset();
    if (excess != null) {
      fail(Http2Error.ENHANCE_YOUR_CALM, excess);
    }
  }

  /** The client's frames, each checked by the decoder. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext from,
        int id,
        Http2Headers fields,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      Http2Stream stream = connection().stream(id);
      Http2ClientStream known = stream.getProperty(streamKey);
      try {
        if (known != null) {
          known.onTrailers(fields);
        } else {
          open(stream, fields, end);
        }
      } catch (Http2MalformedException e) {
        throw Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "%s", e.getMessage());
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext from, int id, ByteBuf data, int padding, boolean end) {
      int flow = data.readableBytes() + padding;
      Http2Stream stream = connection().stream(id);
      Http2ClientStream known = stream == null ? null : stream.getProperty(streamKey);
      return known == null ? flow : known.onData(data, flow, end);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext from, Http2Settings settings) {
      frames.maxFrame(encoder().configuration().frameSizePolicy().maxFrameSize());
      if (state == State.PREFACE) {
        state = State.OPEN;
        deadline.after(config.timeouts().idle().toNanos());
      }
    }
  }

  private void open(Http2Stream stream, Http2Headers fields, boolean end) {
    countRequest();
    Http2ClientStream taken = take();
    boolean opened = false;
    try {
      taken.open(stream, fields, end);
      opened = true;
    } finally {
      if (!opened && taken.place < 0) {
        spare.push(taken);
      }
    }
    if (client.ending()) {
      goAwaySoon();
    }
  }

  private void countRequest() {
    if (++requests >= config.limits().maxRequests()) {
      goAwaySoon();
    }
  }

  private Http2ClientStream take() {
    Http2ClientStream kept = spare.poll();
    return kept == null ? new Http2ClientStream(this, client) : kept;
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      closedStreams.closed(stream.id());
      Http2ClientStream known = stream.getProperty(streamKey);
      if (known != null) {
        stream.removeProperty(streamKey);
        known.onClosed();
      }
    }
  }

  // ---- deadlines ----

  private void onDeadline() {
    sectionDue = false;
    switch (state) {
      case PREFACE -> fail(Http2Error.PROTOCOL_ERROR, "no SETTINGS in time");
      case OPEN -> {
        if (live.isEmpty()) {
          idle();
        }
      }
      case DRAINING -> lastStreamIsKnown();
      case LAST -> endIfDone();
      case LINGER -> close();
      case CLOSED -> {
        // nothing waits
      }
    }
  }

  /** No stream for so long. */
  private void idle() {
    if (scan.within()) {
      fail(Http2Error.ENHANCE_YOUR_CALM, "request came too slowly");
    } else {
      lastStreamIsKnown();
    }
  }

  // ---- what streams ask for ----

  Http2RequestReader reader() {
    return reader;
  }

  byte[] date() {
    return socket.services().date().octets();
  }

  Http2Response newResponse(Runnable onEnd) {
    return new Http2Response(encoder().flowController(), frames, onEnd);
  }

  /** It serves {@code stream} from now on. */
  void inUse(Http2ClientStream taken, Http2Stream stream) {
    stream.setProperty(streamKey, taken);
    taken.place = live.size();
    live.add(taken);
    if (state == State.OPEN && live.size() == 1) {
      sectionDue = false;
      deadline.clear();
    }
  }

  /** Its stream and its exchange are over. */
  void release(Http2ClientStream over) {
    int place = over.place;
    if (place < 0) {
      return;
    }
    over.place = -1;
    Http2ClientStream moved = live.remove(live.size() - 1);
    if (moved != over) {
      live.set(place, moved);
      moved.place = place;
    }
    if (state == State.CLOSED) {
      over.dispose();
      return;
    }
    spare.push(over);
    countBytes();
    if (live.isEmpty()) {
      if (state == State.OPEN) {
        deadline.after(config.timeouts().idle().toNanos());
      } else {
        endIfDone();
      }
    }
  }

  /** Content came for it in this burst of reads. */
  void touch(Http2ClientStream stream) {
    if (!stream.touched) {
      stream.touched = true;
      touched.add(stream);
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

  private void onWritability(Http2Stream stream) {
    Http2ClientStream known = stream.getProperty(streamKey);
    if (known != null) {
      known.onWritability(writable(stream));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) throws Exception {
    super.channelWritabilityChanged(changed);
    if (changed.channel().isWritable()) {
      frames.roomCame();
    }
  }

  /**
   * The last frame of a response is written. A client that still sends its request is asked to stop
   * (RFC 9113 §8.1).
   *
   * @param inputEnded whether the request is whole
   */
  void responded(Http2Stream stream, boolean inputEnded) {
    ChannelHandlerContext to = context;
    if (to == null) {
      return;
    }
    budget.responded();
    if (inputEnded) {
      closeStreamLocal(stream, to.newSucceededFuture());
    } else {
      closedStreams.reset(stream.id());
      resetStream(to, stream.id(), Http2Error.NO_ERROR.code(), to.newPromise());
    }
  }

  /** Ends it before its time. */
  void reset(Http2Stream stream, Http2Error error) {
    ChannelHandlerContext to = context;
    if (to != null) {
      closedStreams.reset(stream.id());
      resetStream(to, stream.id(), error.code(), to.newPromise());
      flushLater();
    }
  }

  /** The client ended a stream whose response was not whole. */
  void cancelled() {
    if (state != State.CLOSED && state != State.LINGER) {
      countReset();
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
    if (to != null && state != State.CLOSED) {
      flush(to);
    }
  }
}
