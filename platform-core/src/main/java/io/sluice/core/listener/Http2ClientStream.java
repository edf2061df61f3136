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
import io.sluice.core.http.Http2RequestReader;
import io.sluice.core.http.HttpDate;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestParser;
import io.sluice.core.transport.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client's HTTP/2 connection: hands its request to the {@link HttpExchange} that it
 * owns, and writes the response. Taken again for the next stream once both are over with the last.
 * On the connection's event loop.
 */
final class Http2ClientStream implements ListenerDownstream {

  private final Http2ClientConnection connection;
  private final ClientSide client;
  private final HttpDate date;
  private final Http2RequestReader reader;
  private final RequestParser parser;
  private final Deadline deadline;
  private final HttpExchange exchange;
  private final Http2RequestInput input;
  private final Http2Response response;

  private @Nullable Http2Stream stream;
  private int listenerIndex;
  private String listener = "";
  private boolean closed = true;

  /** Whether there was content since more was last asked for. */
  private boolean contentWritten;

  private boolean aborted;

  /** Its place among the streams in use, or −1. */
  int place = -1;

  /** Whether content came in the present burst of reads. */
  boolean touched;

  /**
   * Not in use yet.
   *
   * @param reader of all requests of the connection
   */
  Http2ClientStream(
      Http2ClientConnection connection, ClientSide client, Http2RequestReader reader) {
    this.connection = connection;
    this.client = client;
    this.date = client.socket().services().date();
    this.reader = reader;
    this.parser = client.newParser();
    this.deadline = new Deadline(client.loop().deadlines(), this::onDeadline);
    this.exchange = new HttpExchange(this);
    this.input = new Http2RequestInput(connection, client.config(), exchange, deadline);
    this.response = connection.newResponse(this::responseWritten);
  }

  // ---- the client's side ----

  /**
   * Its request came.
   *
   * @throws Http2MalformedException when it is none; this was not taken into use then
   */
  void open(Http2Stream on, Http2Headers fields, boolean end) {
    long startNanos = System.nanoTime();
    Generation generation = currentGeneration();
    FramingException refusal = null;
    ParsedRequest read = parser.request();
    try {
      read = reader.read(fields, end, parser);
      if (client.outlived()) {
        connection.goAwaySoon();
        refusal =
            new FramingException(
                ErrorKind.MISDIRECTED, "connection made on other terms than the listener has now");
      } else if (read.contentLength() > client.config().limits().maxBodySize()) {
        refusal = new FramingException(ErrorKind.BODY_TOO_LARGE, "content too large");
      }
    } catch (FramingException e) {
      refusal = e;
    }
    begin(on, end);
    if (refusal != null) {
      exchange.refuse(generation, read, startNanos, refusal.kind(), refusal.reason());
      return;
    }
    input.expect(read, startNanos);
    exchange.begin(generation, read, startNanos);
  }

  /** A field section came that is longer than is taken; the decoder kept none of it. */
  void openRefused(Http2Stream on) {
    Generation generation = currentGeneration();
    begin(on, true);
    parser.reset();
    exchange.refuse(
        generation,
        parser.request(),
        System.nanoTime(),
        ErrorKind.HEADERS_TOO_LARGE,
        "header section too large");
  }

  private Generation currentGeneration() {
    Generation now = client.currentGeneration();
    listenerIndex = client.listenerIndex();
    listener = client.listener();
    return now;
  }

  private void begin(Http2Stream on, boolean end) {
    stream = on;
    closed = false;
    aborted = false;
    input.begin(on, end);
    response.begin(on);
    connection.used(this, on);
  }

  /**
   * Content came.
   *
   * @param flow octets that count against the window, padding included
   * @return how many of them may be given back at once
   */
  int onData(ByteBuf data, int flow, boolean end) {
    return input.onData(data, flow, end);
  }

  /** The trailer section came, and with it the end. */
  void onTrailers(Http2Headers fields) {
    input.onTrailers(fields);
  }

  /** A burst of reads is over. */
  void readComplete() {
    input.readComplete();
  }

  /** The windows or the socket have room again, or no more. */
  void onWritability(boolean now) {
    if (!closed && exchange.active()) {
      exchange.onDownstreamWritability(now);
    }
  }

  /**
   * The client can send no more: a request that is not whole never will be, and a window that is
   * used up stays so. A response that fits is sent.
   */
  void onInputEnded() {
    if (!input.whole()) {
      reset(Http2Error.CANCEL);
      return;
    }
    contentWritten = true;
    onWindowsFinal();
  }

  /**
   * As much was written as the windows take, which the client cannot open any more. Where content
   * waits for them, the stream ends; where none does, more is asked for, as it may be the end.
   */
  void onWindowsFinal() {
    Http2Stream of = stream;
    if (of == null || closed) {
      return;
    }
    if (response.waitingBytes() > 0 && connection.blocked(of)) {
      reset(Http2Error.CANCEL);
    } else if (contentWritten && writable()) {
      contentWritten = false;
      onWritability(true);
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
    input.close();
    response.close();
    if (!exchange.active()) {
      recycle();
    } else if (!response.ended() && !aborted) {
      connection.cancelled();
      exchange.onCancelled();
    } // else its end is being told by whoever closed it
  }

  private void reset(Http2Error error) {
    Http2Stream of = stream;
    if (of != null) {
      connection.reset(of.id(), error);
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
    connection.release(this);
  }

  /** Nothing is ever asked of it again. */
  void dispose() {
    deadline.remove();
    exchange.dispose();
  }

  private void onDeadline() {
    if (closed) {
      return;
    }
    if (!exchange.active()) {
      checkStalled();
    } else if (input.tooSlow()) {
      flush();
    }
  }

  /** The response is queued whole; the client must take some of it before its time is up. */
  private void checkStalled() {
    if (response.stalled()) {
      reset(Http2Error.CANCEL);
    } else {
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
    input.drop();
    if (!response.ended()) {
      end(null); // a tunnel
    }
    if (response.waits()) {
      deadline.after(exchange.endNanos(), client.config().timeouts().idle().toNanos());
    }
    connection.flushLater();
  }

  /** The last frame of the response is written. */
  private void responseWritten() {
    Http2Stream of = stream;
    if (of != null) {
      connection.responded(of, input.ended());
    }
  }

  @Override
  public void abort() {
    if (!closed) {
      aborted = true;
      reset(input.tunnel() ? Http2Error.CANCEL : Http2Error.INTERNAL_ERROR);
    }
  }

  @Override
  public void startTunnel() {
    input.beginTunnel();
  }

  @Override
  public void resumeReading() {
    input.resume();
  }

  @Override
  public void writeInformational(ParsedResponse informational) {
    if (informational.status() == 100) {
      input.toldToGoOn();
    }
    writeNow(Http2Fields.informational(informational));
  }

  @Override
  public void writeContinue() {
    input.toldToGoOn();
    writeNow(Http2Fields.continueHead());
  }

  private void writeNow(Http2Headers informational) {
    if (!closed) {
      response.informational(informational);
      connection.flushLater();
    }
  }

  @Override
  public void writeHead(ParsedResponse head, Content follows) {
    if (input.tunnelAsked() && head.status() / 100 == 2) {
      aborted = true; // the client would take it for an open tunnel, and an error it should be
      reset(Http2Error.CANCEL);
      return;
    }
    response.head(Http2Fields.response(head, follows == Content.OPEN, date.octets()));
  }

  @Override
  public void writeData(ByteBuf data) {
    contentWritten = true;
    response.data(data);
  }

  @Override
  public void writeEnd(@Nullable ByteHeaders section) {
    if (!closed && !response.ended()) {
      end(section);
      connection.flushLater();
    }
  }

  private void end(@Nullable ByteHeaders section) {
    if (response.end(section)) {
      responseWritten();
    }
  }

  @Override
  public void flush() {
    if (!closed) {
      response.pass();
      connection.flushLater();
    }
  }

  @Override
  public boolean writable() {
    Http2Stream to = stream;
    return to != null && !closed && (connection.writable(to) || takesTheEnd());
  }

  /** Where a window is just used up for good, the end may still come; more content cancels it. */
  private boolean takesTheEnd() {
    return connection.inputEnded() && response.waitingBytes() == 0 && connection.socketWritable();
  }

  @Override
  public long unsentBytes() {
    return response.unsentBytes();
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
