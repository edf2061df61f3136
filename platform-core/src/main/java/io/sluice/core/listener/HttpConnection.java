package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HttpVersion;
import io.sluice.core.exchange.Generation;
import io.sluice.core.exchange.HttpExchange;
import io.sluice.core.http.BodyDecoder;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Framing;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestParser;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's HTTP/1.1 connection: reads requests one after the other, hands each to the same
 * {@link HttpExchange}, and writes its response. Octets of a next request wait until the response
 * before is sent. Everything runs on the connection's event loop.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter
    implements ListenerDownstream, BodyDecoder.Sink, ListenerConnection {

  private static final int MAX_TRAILER_BYTES = 16 * 1024;

  /** Unread request content up to this size is read and dropped, rather than closing. */
  private static final long MAX_DISCARD = 64 * 1024;

  /** How long a drained connection may be idle: a request may be on its way. */
  private static final long DRAIN_IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    /** Between requests, or within a head. */
    HEAD,
    /** Within the content of a request whose exchange is under way. */
    BODY,
    /** The request is whole, its exchange is under way. */
    WAIT,
    /** The exchange ended before its request did: the rest is dropped. */
    DISCARD,
    /** Another protocol. */
    TUNNEL,
    /** Our last octet is sent; theirs are dropped until they close. */
    LINGER,
    /** Gone. */
    CLOSED
  }

  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ListenerConfig config;
  private final ClientSide client;
  private final RequestParser parser;
  private final BodyDecoder decoder = new BodyDecoder(ErrorKind.BAD_REQUEST, MAX_TRAILER_BYTES);
  private final Deadline deadline;
  private final HttpExchange exchange;
  private final ResponseBuffer responses;
  private final BodyRate bodyRate;

  private @Nullable ChannelHandlerContext context;
  private State state = State.HEAD;
  private @Nullable ByteBuf pending;

  /** Octets that may be the beginning of HTTP/2's preface. */
  private @Nullable ByteBuf first;

  /** Whether nothing came yet by which to tell the version. */
  private boolean unknown;

  private boolean processing;
  private boolean reading;
  private boolean closeAfter;
  private boolean inputEnded;
  private boolean aborted;
  private long requests;
  private long startNanos;
  private long bytesIn;

  /** A connection of {@code client}. */
  HttpConnection(ClientSide client) {
    this.client = client;
    this.socket = client.socket();
    this.loop = client.loop();
    this.config = client.config();
    this.parser = client.newParser();
    this.deadline = new Deadline(loop.deadlines(), this::onDeadline);
    this.responses = new ResponseBuffer(socket.services().date());
    this.bodyRate = new BodyRate(config, deadline);
    this.exchange = new HttpExchange(this);
  }

  // ---- the connection's beginning and end ----

  @Override
  public void channelActive(ChannelHandlerContext active) {
    socket.opened(this, loop);
    begin(active);
  }

  /** The socket is open, the listener knows us: requests may come. */
  void begin(ChannelHandlerContext active) {
    context = active;
    unknown = config.http2() == ListenerConfig.Http2.ON && client.tls() == null;
    responses.start(active);
    client.begin();
    socket.meters().connections.incrementAndGet();
    parser.reset();
    deadline.after(config.timeouts().idle().toNanos());
    if (socket.draining()) {
      drain(); // it began while the listener was already told
    }
    read();
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    state = State.CLOSED;
    deadline.remove();
    exchange.onCancelled();
    exchange.dispose();
    client.letGo();
    responses.release();
    if (pending != null) {
      pending.release();
      pending = null;
    }
    if (first != null) {
      first.release();
      first = null;
    }
    countBytes();
    socket.meters().connections.decrementAndGet();
    socket.ended(this, loop);
  }

  private void countBytes() {
    socket.meters().bytesIn.add(bytesIn);
    socket.meters().bytesOut.add(responses.takeWritten());
    bytesIn = 0;
  }

  @Override
  public void shutDown() {
    exchange.onShutdown();
  }

  @Override
  public void drain() {
    closeAfter = true;
    if (state != State.CLOSED) {
      client.hold();
    }
    if (state == State.HEAD && !parser.begun() && !exchange.active()) {
      deadline.after(Math.min(DRAIN_IDLE_NANOS, config.timeouts().idle().toNanos()));
    }
  }

  private void close() {
    ChannelHandlerContext open = context;
    if (open != null) {
      open.close();
    }
  }

  /** Sends what is queued and closes, without the client losing it to a reset. */
  private void closeGently() {
    ChannelHandlerContext open = context;
    if (open == null || state == State.CLOSED) {
      return;
    }
    boolean owesUs = !inputEnded && (state == State.BODY || pending != null || aborted);
    if (!owesUs) {
      responses.flush();
      LingeringClose.closeWhenSent(open);
      state = State.LINGER;
      return;
    }
    state = State.LINGER;
    if (pending != null) {
      pending.release();
      pending = null;
    }
    deadline.after(LingeringClose.NANOS);
    LingeringClose.begin(open, client.tls());
    resumeReading();
  }

  // ---- reading ----

  private void read() {
    ChannelHandlerContext from = context;
    if (from != null && !reading && !inputEnded) {
      reading = true;
      from.read();
    }
  }

  @Override
  public void resumeReading() {
    if (!reading && wantsInput()) {
      if (pending != null && !processing) {
        processPending();
      }
      read();
    }
  }

  private boolean wantsInput() {
    return switch (state) {
      case HEAD -> writable(); // else responses pile up for a client that only sends
      case DISCARD, LINGER -> true;
      case BODY, TUNNEL -> exchange.wantsRequestData();
      case WAIT -> pending == null;
      case CLOSED -> false;
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (unknown) {
      tellVersion(in);
    } else {
      receive(in);
    }
  }

  /** A client with prior knowledge begins with the preface of HTTP/2 (RFC 9113 §3.3). */
  private void tellVersion(ByteBuf in) {
    ByteBuf before = first;
    ByteBuf all = in;
    if (before != null) {
      all = before.writeBytes(in);
      in.release();
      first = null;
    }
    switch (Http2Preface.look(all)) {
      case OTHER -> {
        unknown = false;
        receive(all);
      }
      case PART -> {
        if (before == null) {
          startNanos = System.nanoTime();
          deadline.after(startNanos, config.timeouts().header().toNanos());
          all = all.alloc().buffer(2 * Http2Preface.LENGTH).writeBytes(in);
          in.release();
        }
        first = all;
      }
      case WHOLE -> giveWay(all);
    }
  }

  /** The other version's connection takes the place of this one. */
  private void giveWay(ByteBuf all) {
    ChannelHandlerContext here = context;
    if (here == null) {
      all.release();
      return;
    }
    state = State.CLOSED;
    deadline.remove();
    exchange.dispose();
    client.letGo();
    socket.meters().connections.decrementAndGet();
    Http2ClientConnection next = Http2ClientConnection.of(client);
    socket.replaced(this, next, loop);
    ChannelPipeline pipeline = here.pipeline();
    pipeline.remove(this);
    next.begin(pipeline);
    pipeline.fireChannelRead(all);
  }

  private void receive(ByteBuf in) {
    bytesIn += in.readableBytes();
    if (pending != null) {
      pending.writeBytes(in);
      in.release();
      return;
    }
    process(in);
  }

  /** Reads requests out of {@code in}, which it takes over, for as long as none is in the way. */
  private void process(ByteBuf in) {
    processing = true;
    try {
      while (in.isReadable() && consume(in)) {
        // one step of one request was taken
      }
      if (in.isReadable() && (state == State.WAIT)) {
        pending = in.alloc().buffer(Math.max(256, in.readableBytes())).writeBytes(in);
      }
    } catch (FramingException e) {
      refuse(e);
    } finally {
      processing = false;
      in.release();
    }
  }

  private void processPending() {
    while (pending != null && state != State.WAIT && state != State.CLOSED) {
      ByteBuf in = pending;
      pending = null;
      process(in);
    }
    if (exchange.active()) {
      exchange.onRequestReadComplete();
    }
    closeIfInputEnded();
  }

  /** One step; answers whether to go on. */
  private boolean consume(ByteBuf in) {
    switch (state) {
      case HEAD -> {
        return readHead(in);
      }
      case BODY -> {
        decoder.decode(in, this);
        return bodyEnded();
      }
      case DISCARD -> {
        decoder.decode(in, this);
        if (decoder.done()) {
          nextRequest();
        }
        return true;
      }
      case TUNNEL -> {
        exchange.onRequestData(in.readRetainedSlice(in.readableBytes()));
        return false;
      }
      case LINGER, CLOSED -> {
        in.skipBytes(in.readableBytes());
        return false;
      }
      case WAIT -> {
        return false;
      }
    }
    return false;
  }

  private boolean readHead(ByteBuf in) {
    if (!parser.begun()) {
      startNanos = System.nanoTime();
    }
    if (!parser.read(in)) {
      if (parser.begun()) {
        deadline.after(startNanos, config.timeouts().header().toNanos());
      }
      return false;
    }
    deadline.clear();
    ParsedRequest head = parser.request();
    requests++;
    Generation now = currentGeneration();
    long maxBody = config.limits().maxBodySize();
    if (head.contentLength() > maxBody) {
      throw new FramingException(ErrorKind.BODY_TOO_LARGE, "content too large");
    }
    if (head.framing() == Framing.NONE) {
      state = State.WAIT;
    } else {
      state = State.BODY;
      decoder.reset(head.framing(), head.contentLength(), maxBody);
      watchBody();
    }
    exchange.begin(now, head, startNanos);
    return true;
  }

  private Generation currentGeneration() {
    Generation now = client.currentGeneration();
    closeAfter |= client.ending();
    return now;
  }

  private boolean bodyEnded() {
    if (state == State.DISCARD && decoder.done()) {
      nextRequest();
      return true;
    }
    if (state != State.BODY || !decoder.done()) {
      return state != State.BODY;
    }
    state = State.WAIT;
    deadline.clear();
    exchange.onRequestEnd(trailers);
    trailers = null;
    return true;
  }

  private @Nullable ByteHeaders trailers;

  @Override
  public void onData(ByteBuf data) {
    if (state == State.BODY) {
      bodyRate.came(data.readableBytes());
      exchange.onRequestData(data);
    } else {
      data.release();
    }
  }

  @Override
  public void onEnd(@Nullable ByteHeaders section) {
    trailers = section;
  }

  private void refuse(FramingException reason) {
    closeAfter = true;
    aborted = true;
    if (exchange.active()) {
      exchange.onRequestRefused(reason.kind(), reason.reason());
    } else if (state == State.HEAD || state == State.WAIT) {
      state = State.WAIT;
      exchange.refuse(
          currentGeneration(), parser.request(), startNanos, reason.kind(), reason.reason());
    } else {
      close();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    reading = false;
    if (exchange.active()) {
      exchange.onRequestReadComplete();
    }
    if (wantsInput()) {
      read();
    } else {
      bodyRate.holdBack();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      onInputEnded();
    } else if (event instanceof SslCloseCompletionEvent closing && closing.isSuccess()) {
      onCloseNotify();
    }
  }

  /**
   * The client's close_notify. The engine answers it with ours and writes no more, so a response
   * that is still to come has no way out: the client counts as gone.
   */
  private void onCloseNotify() {
    inputEnded = true;
    if (state != State.CLOSED) {
      close();
    }
  }

  /** Requests that came before a half-close are served first. */
  private void closeIfInputEnded() {
    if (inputEnded && !processing && pending == null && state != State.LINGER) {
      onInputEnded();
    }
  }

  private void onInputEnded() {
    switch (state) {
      case HEAD, DISCARD, LINGER -> closeGently();
      case BODY -> {
        closeAfter = true;
        exchange.onRequestRefused(ErrorKind.BAD_REQUEST, "request content ended early");
      }
      case TUNNEL -> exchange.onTunnelInputEnded();
      case WAIT, CLOSED -> {
        // a half-close is no cancellation: the response is still awaited
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    exchange.onDownstreamWritability(changed.channel().isWritable());
    if (state == State.HEAD) {
      resumeReading();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    close();
  }

  // ---- deadlines ----

  private void watchBody() {
    bodyRate.begin(startNanos, parser.request().expectsContinue());
  }

  private void onDeadline() {
    switch (state) {
      case HEAD -> {
        if (parser.begun()) {
          refuse(new FramingException(ErrorKind.REQUEST_TIMEOUT, "request head came too slowly"));
        } else {
          close();
        }
      }
      case BODY -> checkBodyRate();
      case DISCARD, LINGER -> close();
      case WAIT, TUNNEL, CLOSED -> {
        // the exchange has deadlines of its own
      }
    }
  }

  /** Its content is due from now on, with a whole window of time. */
  private void toldToGoOn() {
    if (state == State.BODY) {
      bodyRate.toldToGoOn();
    }
  }

  private void checkBodyRate() {
    if (bodyRate.tooSlow(reading)) {
      refuse(new FramingException(ErrorKind.REQUEST_TIMEOUT, "request content came too slowly"));
    }
  }

  // ---- the exchange's side ----

  @Override
  public void exchangeEnded() {
    exchange.reset();
    countBytes();
    if (state == State.CLOSED || (aborted && state == State.LINGER)) {
      return;
    }
    if (closeAfter || state == State.TUNNEL) {
      closeGently();
      return;
    }
    if (state == State.BODY) {
      state = State.DISCARD;
      deadline.after(LingeringClose.NANOS);
      return;
    }
    nextRequest();
    if (pending != null && !processing) {
      processPending();
    }
    closeIfInputEnded();
    resumeReading();
  }

  private void nextRequest() {
    state = State.HEAD;
    parser.reset();
    long idle = config.timeouts().idle().toNanos();
    deadline.after(
        exchange.endNanos(), socket.draining() ? Math.min(idle, DRAIN_IDLE_NANOS) : idle);
  }

  @Override
  public void abort() {
    if (state == State.CLOSED) {
      return;
    }
    aborted = true;
    closeAfter = true;
    responses.release();
    ChannelHandlerContext open = context;
    if (open != null) {
      // A reset, where the socket allows it: what was cut short must not look whole.
      if (open.channel() instanceof io.netty.channel.socket.SocketChannel tcp) {
        tcp.config().setSoLinger(0);
      }
      // From below TLS, where there is any: a close_notify would make it look whole.
      open.pipeline().firstContext().close();
    }
  }

  @Override
  public void startTunnel() {
    state = State.TUNNEL;
    closeAfter = true;
    if (pending != null && !processing) {
      processPending();
    }
  }

  @Override
  public void writeInformational(ParsedResponse head) {
    if (head.status() == 100) {
      toldToGoOn();
    }
    responses.informational(head);
  }

  @Override
  public void writeContinue() {
    toldToGoOn();
    responses.ownContinue();
  }

  @Override
  public void writeHead(ParsedResponse head, Content content) {
    ParsedRequest request = parser.request();
    boolean http10 = request.version() == HttpVersion.HTTP_1_0;
    boolean leavesContent =
        state == State.BODY
            && (request.framing() != Framing.LENGTH
                || request.contentLength() > MAX_DISCARD
                || head.status() == 408 // it will hardly come now (RFC 9110 §15.5.9)
                || request.expectsContinue());
    if (!request.keepAlive()
        || leavesContent
        || requests >= config.limits().maxRequests()
        || socket.draining()
        || (inputEnded && pending == null)
        || (http10 && content == Content.OPEN)) {
      closeAfter = true;
    }
    responses.head(head, content, http10, closeAfter);
  }

  @Override
  public void writeData(ByteBuf data) {
    responses.data(data);
  }

  @Override
  public void writeEnd(@Nullable ByteHeaders section) {
    responses.end(section);
  }

  @Override
  public void flush() {
    responses.flush();
  }

  @Override
  public boolean writable() {
    ChannelHandlerContext to = context;
    return to != null && to.channel().isWritable();
  }

  @Override
  public long unsentBytes() {
    ChannelHandlerContext to = context;
    ChannelOutboundBuffer waiting = to == null ? null : to.channel().unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  @Override
  public ClientSide client() {
    return client;
  }

  @Override
  public int listenerIndex() {
    return client.listenerIndex();
  }

  @Override
  public String listener() {
    return client.listener();
  }
}
