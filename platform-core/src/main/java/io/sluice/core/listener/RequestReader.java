package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.exchange.Generation;
import io.sluice.core.exchange.HttpExchange;
import io.sluice.core.http.BodyDecoder;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Framing;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.RequestParser;
import io.sluice.core.transport.Deadline;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of an {@link HttpConnection}, one after the other: head and content, each
 * within its time, go to the exchange. What octets come when is the {@link RequestInput}'s matter.
 * On the connection's event loop.
 */
final class RequestReader implements BodyDecoder.Sink {

  private static final int MAX_TRAILER_BYTES = 16 * 1024;

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

  private final HttpConnection connection;
  private final ClientSide client;
  private final ListenerConfig config;
  private final HttpExchange exchange;
  private final Deadline deadline;
  private final BodyRate bodyRate;
  private final RequestParser parser;
  private final BodyDecoder decoder = new BodyDecoder(ErrorKind.BAD_REQUEST, MAX_TRAILER_BYTES);

  private State state = State.HEAD;
  private @Nullable ByteHeaders trailers;
  private long requests;
  private long startNanos;
  private long unsent;

  /**
   * A reader.
   *
   * @param deadline that {@link #onDeadline} is told of
   */
  RequestReader(
      HttpConnection connection, ClientSide client, HttpExchange exchange, Deadline deadline) {
    this.connection = connection;
    this.client = client;
    this.config = client.config();
    this.exchange = exchange;
    this.deadline = deadline;
    this.bodyRate = new BodyRate(config, deadline);
    this.parser = client.newParser();
  }

  // ---- reading ----

  /** The connection is open. */
  void begin() {
    parser.reset();
    deadline.after(idleNanos());
  }

  private long idleNanos() {
    long idle = config.timeouts().idle().toNanos();
    return client.socket().draining() ? Math.min(idle, DRAIN_IDLE_NANOS) : idle;
  }

  /** The listener is drained: if no request is here, none is awaited for long. */
  void drain() {
    if (state == State.HEAD && !parser.begun() && !exchange.active()) {
      deadline.after(idleNanos());
    }
  }

  /** Ends the connection if no request is here. */
  void endIfIdle() {
    if (state == State.HEAD && !parser.begun() && !exchange.active()) {
      connection.closeGently();
    }
  }

  /** A head has begun, of which too little came to tell the version. */
  void begun() {
    startNanos = System.nanoTime();
    deadline.after(startNanos, config.timeouts().header().toNanos());
  }

  /**
   * Reads one step of a request; answers whether to go on.
   *
   * @throws FramingException when it must be {@linkplain #refuse refused}
   */
  boolean read(ByteBuf in) {
    switch (state) {
      case HEAD -> {
        return readHead(in);
      }
      case BODY, DISCARD -> {
        decoder.decode(in, this);
        return contentRead();
      }
      case TUNNEL -> exchange.onRequestData(in.readRetainedSlice(in.readableBytes()));
      case LINGER, CLOSED -> in.skipBytes(in.readableBytes());
      case WAIT -> {
        // its turn comes
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
    if (client.outlived()) {
      throw new FramingException(
          ErrorKind.MISDIRECTED, "connection made on other terms than the listener has now");
    }
    long maxBody = config.limits().maxBodySize();
    if (head.contentLength() > maxBody) {
      throw new FramingException(ErrorKind.BODY_TOO_LARGE, "content too large");
    }
    if (head.framing() == Framing.NONE) {
      state = State.WAIT;
    } else {
      state = State.BODY;
      decoder.reset(head.framing(), head.contentLength(), maxBody);
      bodyRate.begin(startNanos, head.expectsContinue());
    }
    exchange.begin(now, head, startNanos);
    return true;
  }

  private Generation currentGeneration() {
    Generation now = client.currentGeneration();
    if (client.ending() || requests >= config.limits().maxRequests()) {
      connection.closeAfterResponse();
    }
    return now;
  }

  /** As much content as came was read; answers whether to go on. */
  private boolean contentRead() {
    if (state == State.DISCARD && decoder.done()) {
      nextRequest();
    } else if (state == State.BODY) {
      if (!decoder.done()) {
        return false;
      }
      state = State.WAIT;
      deadline.clear();
      exchange.onRequestEnd(trailers);
      trailers = null;
    }
    return true;
  }

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

  /** What came cannot be read, or comes too slowly. */
  void refuse(ErrorKind kind, String reason) {
    connection.breakOff();
    if (exchange.active()) {
      exchange.onRequestRefused(kind, reason);
    } else if (state == State.HEAD || state == State.WAIT) {
      state = State.WAIT;
      exchange.refuse(currentGeneration(), parser.request(), startNanos, kind, reason);
    } else {
      connection.close();
    }
  }

  /**
   * The time of something is up.
   *
   * @param reading whether we read at present
   */
  void onDeadline(boolean reading) {
    switch (state) {
      case HEAD -> {
        if (parser.begun()) {
          refuse(ErrorKind.REQUEST_TIMEOUT, "request head came too slowly");
        } else {
          connection.close();
        }
      }
      case BODY -> {
        if (bodyRate.tooSlow(reading)) {
          refuse(ErrorKind.REQUEST_TIMEOUT, "request content came too slowly");
        }
      }
      case DISCARD -> connection.close();
      case LINGER -> lingered();
      case WAIT, TUNNEL, CLOSED -> {
        // the exchange has deadlines of its own
      }
    }
  }

  /** We do not read. */
  void holdBack() {
    bodyRate.holdBack();
  }

  // ---- where it is ----

  /** The request that was read last. */
  ParsedRequest request() {
    return parser.request();
  }

  boolean withinHead() {
    return state == State.HEAD;
  }

  boolean withinContent() {
    return state == State.BODY;
  }

  /** Whether nothing is read until the response is sent. */
  boolean waits() {
    return state == State.WAIT;
  }

  /** Whether nothing of what comes is looked at any more. */
  boolean over() {
    return state == State.LINGER || state == State.CLOSED;
  }

  boolean closed() {
    return state == State.CLOSED;
  }

  /** Whether more is to be read from the socket. */
  boolean wantsInput() {
    return switch (state) {
      case HEAD -> connection.writable(); // else responses pile up for a client that only sends
      case WAIT, DISCARD, LINGER -> true;
      case BODY, TUNNEL -> exchange.wantsRequestData();
      case CLOSED -> false;
    };
  }

  // ---- what is next ----

  /** The client is told to go on: the content is due, with a whole window of time. */
  void toldToGoOn() {
    if (state == State.BODY) {
      bodyRate.toldToGoOn();
    }
  }

  /** The head 101 is sent. */
  void beginTunnel() {
    state = State.TUNNEL;
  }

  /** The response is sent whole; answers whether its request is, or else is dropped from now on. */
  boolean responded() {
    if (state == State.BODY) {
      state = State.DISCARD;
      deadline.after(LingeringClose.NANOS);
      return false;
    }
    nextRequest();
    return true;
  }

  private void nextRequest() {
    state = State.HEAD;
    parser.reset();
    deadline.after(exchange.endNanos(), idleNanos());
  }

  /** The client sends nothing more than what was read. */
  void inputEnded() {
    switch (state) {
      case HEAD, DISCARD, LINGER -> connection.closeGently();
      case BODY -> {
        connection.closeAfterResponse();
        exchange.onRequestRefused(ErrorKind.BAD_REQUEST, "request content ended early");
      }
      case TUNNEL -> exchange.onTunnelInputEnded();
      case WAIT, CLOSED -> {
        // a half-close is no cancellation: the response is still awaited
      }
    }
  }

  /**
   * Our last octet is queued: what still comes is dropped.
   *
   * @param bounded whether the client only has a while then to close
   */
  void linger(boolean bounded) {
    state = State.LINGER;
    unsent = bounded ? 0 : Long.MAX_VALUE;
    deadline.after(bounded ? LingeringClose.NANOS : config.timeouts().idle().toNanos());
  }

  /** A client that takes nothing of what waits for it is not waited for; a slow one is. */
  private void lingered() {
    long left = connection.unsentBytes();
    if (left >= unsent) {
      connection.close();
    } else {
      unsent = left;
      deadline.after(config.timeouts().idle().toNanos());
    }
  }

  /** The connection is gone, or somebody else's. */
  void close() {
    state = State.CLOSED;
    deadline.remove();
  }
}
