package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.exchange.Generation;
import io.sluice.core.exchange.HttpExchange;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.Http2Fields;
import io.sluice.core.http.Http2MalformedException;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestParser;
import io.sluice.core.transport.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client's HTTP/2 connection: hands its request to the {@link HttpExchange} that it
 * owns, and writes the response. Taken again for the next stream once both are over with the last.
 * On the connection's event loop.
 *
 * <p>Request content is given back to the client's window as the exchange takes it, so a stream
 * holds at most its window beside what the exchange holds.
 */
final class Http2ClientStream implements ListenerDownstream {

  /** Octets below this many are copied, lest they keep the buffer of a whole read alive. */
  private static final int SMALL = 1024;

  private enum Request {
    /** Between two streams. */
    NONE,
    /** Its content comes. */
    CONTENT,
    /** It asks for a tunnel, which is not open yet. */
    TUNNEL_ASKED,
    /** A tunnel: octets of another protocol come. */
    TUNNEL,
    /** All of it came. */
    WHOLE,
    /** The exchange ended, or refused it: what still comes is dropped. */
    DROPPED
  }

  private final Http2ClientConnection connection;
  private final ClientSide client;
  private final RequestParser parser;
  private final Http2Content content;
  private final BodyRate bodyRate;
  private final Deadline deadline;
  private final HttpExchange exchange;

  private Request request = Request.NONE;
  private @Nullable Http2Stream stream;
  private int listenerIndex;
  private String listener = "";

  /** Content that waits for the exchange, and the octets of window that are owed for it. */
  private @Nullable ByteBuf pending;

  private int owedBytes;
  private boolean endPending;
  private @Nullable ByteHeaders trailers;
  private long received;
  private boolean delivering;

  /** Whether the client's END_STREAM came. */
  private boolean inputEnded;

  /** A head that waits for what comes next, which may be the end. */
  private @Nullable Http2Headers head;

  private @Nullable ByteBuf last;
  private boolean responseEnded;
  private boolean closed = true;
  private boolean aborted;
  private int stalledBytes;

  /** Its place among the streams in use, or −1. */
  int place = -1;

  /** Whether content came in the present burst of reads. */
  boolean touched;

  Http2ClientStream(Http2ClientConnection connection, ClientSide client) {
    this.connection = connection;
    this.client = client;
    this.parser = client.newParser();
    this.content = connection.newContent(this::contentWritten);
    this.deadline = new Deadline(client.loop().deadlines(), this::onDeadline);
    this.bodyRate = new BodyRate(client.config(), deadline);
    this.exchange = new HttpExchange(this);
  }

  // ---- the client's side ----

  /**
   * Its request came.
   *
   * @throws Http2MalformedException when it is none; this was not taken into use then
   */
  void open(Http2Stream on, Http2Headers fields, boolean end) {
    long startNanos = System.nanoTime();
    Generation generation = client.currentGeneration();
    listenerIndex = client.listenerIndex();
    listener = client.listener();
    FramingException refusal = null;
    ParsedRequest read = parser.request();
    try {
      read = connection.reader().read(fields, end, parser);
      if (read.contentLength() > client.config().limits().maxBodySize()) {
        refusal = new FramingException(ErrorKind.BODY_TOO_LARGE, "content too large");
      }
    } catch (FramingException e) {
      refusal = e;
    }
    begin(on);
    inputEnded = end;
    if (refusal != null) {
      request = end ? Request.WHOLE : Request.DROPPED;
      exchange.refuse(generation, read, startNanos, refusal.kind(), refusal.reason());
      return;
    }
    if (read.extendedConnect()) {
      request = Request.TUNNEL_ASKED;
    } else if (end) {
      request = Request.WHOLE;
    } else {
      request = Request.CONTENT;
      bodyRate.begin(startNanos, read.expectsContinue());
    }
    exchange.begin(generation, read, startNanos);
  }

  /** A field section came that is longer than is taken; the decoder kept none of it. */
  void openRefused(Http2Stream on) {
    Generation generation = client.currentGeneration();
    listenerIndex = client.listenerIndex();
    listener = client.listener();
    begin(on);
    inputEnded = true;
    request = Request.WHOLE;
    parser.reset();
    exchange.refuse(
        generation,
        parser.request(),
        System.nanoTime(),
        ErrorKind.HEADERS_TOO_LARGE,
        "header section too large");
  }

  private void begin(Http2Stream on) {
    stream = on;
    closed = false;
    aborted = false;
    responseEnded = false;
    received = 0;
    head = null;
    content.begin(on);
    connection.inUse(this, on);
  }

  /**
   * Content came.
   *
   * @param flow octets that count against the window, padding included
   * @return how many of them may be given back at once
   */
  int onData(ByteBuf data, int flow, boolean end) {
    int length = data.readableBytes();
    inputEnded |= end;
    if (request == Request.CONTENT) {
      bodyRate.came(length);
      received += length;
      if (received > client.config().limits().maxBodySize()) {
        refuse(ErrorKind.BODY_TOO_LARGE, "content too large");
      }
    }
    if (request == Request.DROPPED || request == Request.WHOLE) {
      if (end) {
        request = Request.WHOLE;
      }
      return flow;
    }
    connection.touch(this);
    if (pending == null && accepts()) {
      pass(data.readableBytes() < SMALL ? copy(data) : data.retain(), end);
      return flow;
    }
    hold(data, flow, end);
    return 0;
  }

  private boolean accepts() {
    return (request == Request.CONTENT || request == Request.TUNNEL) && exchange.wantsRequestData();
  }

  private static ByteBuf copy(ByteBuf data) {
    return data.alloc().directBuffer(data.readableBytes()).writeBytes(data);
  }

  private void pass(ByteBuf data, boolean end) {
    if (data.isReadable()) {
      exchange.onRequestData(data);
    } else {
      data.release();
    }
    if (end) {
      requestEnds();
    }
  }

  private void hold(ByteBuf data, int flow, boolean end) {
    ByteBuf held = pending;
    if (held == null) {
      pending = copy(data);
    } else {
      held.writeBytes(data);
    }
    owedBytes += flow;
    endPending |= end;
    bodyRate.holdBack();
  }

  /** The trailer section came, and with it the end. */
  void onTrailers(Http2Headers fields) {
    trailers = Http2Fields.readTrailers(fields);
    inputEnded = true;
    if (pending == null) {
      requestEnds();
    } else {
      endPending = true;
    }
  }

  /** The request's last octet was passed on. */
  private void requestEnds() {
    Request before = request;
    ByteHeaders section = trailers;
    trailers = null;
    endPending = false;
    if (before == Request.CONTENT) {
      request = Request.WHOLE;
      deadline.clear();
      exchange.onRequestEnd(section);
    } else if (before == Request.TUNNEL) {
      request = Request.WHOLE;
      exchange.onTunnelInputEnded();
    } else if (before == Request.DROPPED) {
      request = Request.WHOLE;
    }
  }

  /** A burst of reads is over. */
  void readComplete() {
    if (exchange.active()) {
      exchange.onRequestReadComplete();
    }
  }

  private void refuse(ErrorKind kind, String reason) {
    dropRequest();
    if (exchange.active()) {
      exchange.onRequestRefused(kind, reason);
    }
  }

  private void dropRequest() {
    if (request != Request.WHOLE && request != Request.NONE) {
      request = Request.DROPPED;
    }
    deadline.clear();
    releasePending();
  }

  private void releasePending() {
    ByteBuf held = pending;
    int owed = owedBytes;
    pending = null;
    owedBytes = 0;
    trailers = null;
    endPending = false;
    if (held != null) {
      held.release();
      giveBack(owed);
    }
  }

  private void giveBack(int octets) {
    Http2Stream of = stream;
    if (of != null && !closed) {
      connection.consumed(of, octets);
    }
  }

  /** The windows or the socket have room again, or no more. */
  void onWritability(boolean now) {
    if (!closed && exchange.active()) {
      exchange.onDownstreamWritability(now);
    }
  }

  /** The client can send no more, so a request that is not whole never will be. */
  void onInputEnded() {
    if (request != Request.WHOLE) {
      reset(Http2Error.CANCEL);
    }
  }

  /** The process ends. */
  void shutDown() {
    if (exchange.active()) {
      exchange.onShutdown();
    }
  }

  /** The stream is closed: by its two ends, by a reset, or with the connection. */
  void onClosed() {
    closed = true;
    deadline.clear();
    releasePending();
    content.drop();
    dropHeld();
    if (!exchange.active()) {
      recycle();
    } else if (!responseEnded && !aborted) {
      connection.cancelled();
      exchange.onCancelled();
    } // else its end is being told by whoever closed it
  }

  private void reset(Http2Error error) {
    Http2Stream of = stream;
    if (of != null) {
      connection.reset(of, error);
    }
  }

  /** The connection is gone, and with it whoever might still have ended the exchange. */
  void onConnectionGone() {
    Http2Stream of = stream;
    if (of != null && !closed) {
      of.close(); // which tells us
    }
    if (exchange.active()) {
      exchange.onCancelled();
    }
  }

  private void recycle() {
    stream = null;
    request = Request.NONE;
    connection.release(this);
  }

  /** Nothing is ever asked of it again. */
  void dispose() {
    deadline.remove();
    exchange.dispose();
  }

  // ---- deadlines ----

  private void onDeadline() {
    if (closed) {
      return;
    }
    if (request == Request.CONTENT && exchange.active()) {
      if (bodyRate.tooSlow(pending == null && connection.receiving())) {
        refuse(ErrorKind.REQUEST_TIMEOUT, "request content came too slowly");
        flush();
      }
    } else if (!exchange.active()) {
      checkStalled();
    }
  }

  /** The response is queued whole; the client must take some of it before its time is up. */
  private void checkStalled() {
    int size = content.size();
    if (size >= stalledBytes) {
      reset(Http2Error.CANCEL);
    } else {
      stalledBytes = size;
      deadline.after(client.config().timeouts().idle().toNanos());
    }
  }

  // ---- the exchange's side ----

  @Override
  public void exchangeEnded() {
    exchange.reset();
    if (closed) {
      recycle();
      return;
    }
    dropRequest();
    if (!responseEnded) {
      end(null); // a tunnel
    }
    if (!content.endWritten()) {
      stalledBytes = content.size();
      deadline.after(exchange.endNanos(), client.config().timeouts().idle().toNanos());
    }
    connection.flushLater();
  }

  /** The last frame of the response is written. */
  private void contentWritten() {
    Http2Stream of = stream;
    if (of != null) {
      connection.responded(of, inputEnded);
    }
  }

  @Override
  public void abort() {
    if (!closed) {
      aborted = true;
      reset(request == Request.TUNNEL ? Http2Error.CANCEL : Http2Error.INTERNAL_ERROR);
    }
  }

  @Override
  public void startTunnel() {
    if (request == Request.TUNNEL_ASKED) {
      request = Request.TUNNEL;
    }
  }

  @Override
  public void resumeReading() {
    if (delivering) {
      return;
    }
    delivering = true;
    boolean delivered = pending != null;
    while (pending != null && accepts()) {
      ByteBuf held = pending;
      int owed = owedBytes;
      pending = null;
      owedBytes = 0;
      pass(held, endPending);
      giveBack(owed);
    }
    delivering = false;
    if (endPending && pending == null) {
      requestEnds();
    }
    if (delivered) {
      readComplete();
    }
  }

  @Override
  public void writeInformational(ParsedResponse informational) {
    if (informational.status() == 100) {
      toldToGoOn();
    }
    writeNow(Http2Fields.informational(informational));
  }

  @Override
  public void writeContinue() {
    toldToGoOn();
    writeNow(Http2Fields.continueHead());
  }

  private void toldToGoOn() {
    if (request == Request.CONTENT) {
      bodyRate.toldToGoOn();
    }
  }

  private void writeNow(Http2Headers informational) {
    Http2Stream to = stream;
    if (to != null && !closed) {
      connection.writeHeaders(to, informational, false);
      connection.flushLater();
    }
  }

  @Override
  public void writeHead(ParsedResponse response, Content follows) {
    if (request == Request.TUNNEL_ASKED && response.status() / 100 == 2) {
      aborted = true; // an answer of our own, which the client would take for an open tunnel
      reset(Http2Error.CANCEL);
      return;
    }
    head = Http2Fields.response(response, follows == Content.OPEN, connection.date());
  }

  @Override
  public void writeData(ByteBuf data) {
    if (closed || responseEnded || !data.isReadable()) {
      data.release();
      return;
    }
    passHeld();
    last = data;
  }

  @Override
  public void writeEnd(@Nullable ByteHeaders section) {
    if (!closed && !responseEnded) {
      end(section);
      connection.flushLater();
    }
  }

  private void end(@Nullable ByteHeaders section) {
    Http2Stream to = stream;
    responseEnded = true;
    if (to == null) {
      return;
    }
    Http2Headers first = head;
    if (first != null && last == null && section == null) {
      head = null;
      connection.writeHeaders(to, first, true);
      connection.responded(to, inputEnded);
      return;
    }
    ByteBuf rest = last;
    last = null;
    passHeld();
    if (rest != null) {
      content.addLast(rest, section == null ? null : Http2Fields.trailers(section));
    } else {
      content.end(section == null ? null : Http2Fields.trailers(section));
    }
  }

  /** Writes what waited to see what follows it. */
  private void passHeld() {
    Http2Stream to = stream;
    Http2Headers first = head;
    if (first != null && to != null) {
      head = null;
      connection.writeHeaders(to, first, false);
    }
    ByteBuf data = last;
    if (data != null) {
      last = null;
      content.add(data);
    }
  }

  private void dropHeld() {
    head = null;
    if (last != null) {
      last.release();
      last = null;
    }
  }

  @Override
  public void flush() {
    if (!closed) {
      passHeld();
      connection.flushLater();
    }
  }

  @Override
  public boolean writable() {
    Http2Stream to = stream;
    return to != null && !closed && connection.writable(to);
  }

  @Override
  public long unsentBytes() {
    return content.size() > 0 ? content.size() : connection.unsentBytes();
  }

  @Override
  public ClientSide client() {
    return client;
  }

  @Override
  public int listenerIndex() {
    return listenerIndex;
  }

  @Override
  public String listener() {
    return listener;
  }
}
