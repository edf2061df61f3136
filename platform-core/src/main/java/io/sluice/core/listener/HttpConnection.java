package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.sluice.api.http.HttpVersion;
import io.sluice.core.exchange.HttpExchange;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Framing;
import io.sluice.core.http.Known;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.ResponseWriter.Body;
import io.sluice.core.transport.Abort;
import io.sluice.core.transport.LoopContext;
import org.jspecify.annotations.Nullable;

/**
 * One client's HTTP/1.1 connection: its {@link RequestReader} reads requests one after the other
 * and hands each to the same {@link HttpExchange}, whose response is written here. Everything runs
 * on the connection's event loop.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter
    implements ListenerDownstream, ListenerConnection {

  /** Unread request content up to this size is read and dropped, rather than closing. */
  private static final long MAX_DISCARD = 64 * 1024;

  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ClientSide client;
  private final HttpExchange exchange;
  private final RequestInput input;
  private final RequestReader reader;
  private final ResponseBuffer responses;

  private @Nullable ChannelHandlerContext context;

  /** Until it is known which version the client speaks. */
  private @Nullable Http2Preface preface;

  private boolean closeAfter;
  private boolean aborted;

  /** A connection of {@code client}. */
  HttpConnection(ClientSide client) {
    this.client = client;
    this.socket = client.socket();
    this.loop = client.loop();
    this.responses = new ResponseBuffer(socket.services().date());
    this.exchange = new HttpExchange(this);
    this.input = new RequestInput(this, client, exchange);
    this.reader = input.reader();
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
    if (client.config().http2() == ListenerConfig.Http2.ON && client.tls() == null) {
      preface = new Http2Preface();
    }
    responses.start(active);
    client.begin();
    socket.meters().connections.incrementAndGet();
    if (socket.draining()) {
      drain(); // it began while the listener was already told
    }
    input.begin(active);
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    input.close();
    exchange.onCancelled();
    exchange.dispose();
    client.letGo();
    responses.release();
    if (preface != null) {
      preface.release();
    }
    countBytes();
    socket.meters().connections.decrementAndGet();
    socket.ended(this, loop);
  }

  private void countBytes() {
    socket.meters().bytesIn.add(input.takeBytes());
    socket.meters().bytesOut.add(responses.takeWritten());
  }

  @Override
  public void shutDown() {
    exchange.onShutdown();
  }

  @Override
  public void drain() {
    closeAfter = true;
    if (!reader.closed()) {
      client.hold();
    }
    reader.drain();
  }

  @Override
  public void reconsider() {
    if (client.outlived()) {
      closeAfter = true;
      reader.endIfIdle();
    }
  }

  void close() {
    ChannelHandlerContext open = context;
    if (open != null) {
      open.close();
    }
  }

  /** Sends what is queued and closes, without the client losing it to a reset. */
  void closeGently() {
    ChannelHandlerContext open = context;
    if (open == null || reader.closed()) {
      return;
    }
    boolean lingers = input.linger(aborted);
    responses.flush();
    if (lingers) {
      LingeringClose.begin(open, client.tls());
      input.resume();
    } else {
      LingeringClose.closeWhenSent(open);
    }
  }

  /** No request is served after this one. */
  void closeAfterResponse() {
    closeAfter = true;
  }

  /** The request is refused in its midst: nobody knows where the next would begin. */
  void breakOff() {
    closeAfter = true;
    aborted = true;
  }

  // ---- what happens to the channel ----

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf in = (ByteBuf) message;
    Http2Preface untold = preface;
    if (untold == null) {
      input.receive(in);
    } else {
      tellVersion(untold, in);
    }
  }

  /** A client with prior knowledge begins with the preface of HTTP/2 (RFC 9113 §3.3). */
  private void tellVersion(Http2Preface untold, ByteBuf in) {
    boolean begins = !untold.begun();
    switch (untold.look(in)) {
      case OTHER -> {
        preface = null;
        input.receive(untold.take());
      }
      case PART -> {
        if (begins) {
          reader.begun();
        }
      }
      case WHOLE -> giveWay(untold.take());
    }
  }

  /** The other version's connection takes the place of this one. */
  private void giveWay(ByteBuf all) {
    ChannelHandlerContext here = context;
    if (here == null) {
      all.release();
      return;
    }
    input.close();
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

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    input.readComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      input.onHalfClose();
    } else if (event instanceof SslCloseCompletionEvent closing && closing.isSuccess()) {
      onCloseNotify();
    }
  }

  /**
   * The client's close_notify. The engine answers it with ours and writes no more, so a response
   * that is still to come has no way out: the client counts as gone.
   */
  private void onCloseNotify() {
    input.onClose();
    exchange.onTunnelLeft();
    if (!reader.closed()) {
      close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    exchange.onDownstreamWritability(changed.channel().isWritable());
    input.onWritability();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    close();
  }

  // ---- the exchange's side ----

  @Override
  public void exchangeEnded() {
    exchange.reset();
    countBytes();
    if (reader.over()) {
      return;
    }
    if (closeAfter) {
      closeGently();
    } else {
      input.responded();
    }
  }

  @Override
  public void abort() {
    if (reader.closed()) {
      return;
    }
    breakOff();
    responses.release();
    ChannelHandlerContext open = context;
    if (open != null) {
      Abort.close(open.channel());
    }
  }

  @Override
  public void startTunnel() {
    closeAfter = true;
    input.beginTunnel();
  }

  @Override
  public void resumeReading() {
    input.resume();
  }

  @Override
  public void writeInformational(ParsedResponse head) {
    if (head.status() == 100) {
      reader.toldToGoOn();
    }
    responses.informational(head);
  }

  @Override
  public void writeContinue() {
    reader.toldToGoOn();
    responses.ownContinue();
  }

  @Override
  public void writeHead(ParsedResponse head, Content content) {
    ParsedRequest request = reader.request();
    boolean http10 = request.version() == HttpVersion.HTTP_1_0;
    Body body = bodyOf(request, head, content);
    if (!request.keepAlive()
        || leavesContent(request, head)
        || socket.draining()
        || input.exhausted()
        || body == Body.UNTIL_CLOSE) {
      closeAfter = true;
    }
    responses.head(head, body, http10, closeAfter);
  }

  /**
   * How the client is told where the content ends. This is the last place to see to it that it is,
   * wherever the response comes from (RFC 9112 §6.3).
   */
  private static Body bodyOf(ParsedRequest request, ParsedResponse head, Content content) {
    int status = head.status();
    if (content == Content.NONE) {
      boolean bodyless =
          status < 200 || status == 204 || status == 304 || request.method().equals("HEAD");
      return bodyless ? Body.AS_IS : Body.EMPTY;
    }
    if (content == Content.DELIMITED && head.headers().has(Known.CONTENT_LENGTH)) {
      return Body.AS_IS;
    }
    return request.version() == HttpVersion.HTTP_1_0 ? Body.UNTIL_CLOSE : Body.CHUNKED;
  }

  /** Whether content is still to come that is not worth waiting for. */
  private boolean leavesContent(ParsedRequest request, ParsedResponse head) {
    return reader.withinContent()
        && (request.framing() != Framing.LENGTH
            || request.contentLength() > MAX_DISCARD
            || head.status() == 408 // it will hardly come now (RFC 9110 §15.5.9)
            || request.expectsContinue());
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
