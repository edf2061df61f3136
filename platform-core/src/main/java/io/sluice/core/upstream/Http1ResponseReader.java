package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.BodyDecoder;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Framing;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.ResponseParser;
import io.sluice.core.transport.tls.TlsFailures;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the responses of one HTTP/1.1 connection, each to its receiver, and so knows what the
 * connection is in the middle of. On its event loop.
 */
final class Http1ResponseReader implements BodyDecoder.Sink {

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
    /** What comes is for the handlers behind the connection's. */
    HANDED_OVER,
    CLOSED
  }

  private final Http1Connection connection;
  private final ResponseParser parser = new ResponseParser(MAX_HEAD_BYTES, MAX_HEAD_LINES);
  private final BodyDecoder decoder = new BodyDecoder(ErrorKind.BAD_RESPONSE, MAX_TRAILER_BYTES);

  private State state = State.IDLE;
  private @Nullable ResponseReceiver receiver;
  private ParsedResponse response = new ParsedResponse();
  private @Nullable ByteHeaders trailers;
  private boolean toHead;
  private boolean requestEnded;
  private boolean octetsCame;
  private boolean keepAlive;
  private int drainable;
  private int informational;

  Http1ResponseReader(Http1Connection connection) {
    this.connection = connection;
  }

  /** Whether nothing is expected. */
  boolean idle() {
    return state == State.IDLE;
  }

  /** Whether nothing more is read or written. */
  boolean closed() {
    return state == State.CLOSED;
  }

  /** Whether the connection was given away. */
  boolean handedOver() {
    return state == State.HANDED_OVER;
  }

  /** Who hears of the response, or null. */
  @Nullable ResponseReceiver receiver() {
    return receiver;
  }

  /** See {@link UpstreamStream#begin}. */
  void begin(ResponseReceiver to, ParsedResponse target, boolean head) {
    receiver = to;
    response = target;
    toHead = head;
    requestEnded = false;
    octetsCame = false;
    informational = 0;
    trailers = null;
    parser.reset(target);
    state = State.HEAD;
  }

  /** All of the request is written: behind its response there may be another one. */
  void requestEnded() {
    requestEnded = true;
  }

  void handOver() {
    state = State.HANDED_OVER;
  }

  /** Reads no more, and the connection closes. */
  void abort() {
    receiver = null;
    state = State.CLOSED;
    connection.close();
  }

  /** As {@link #abort}, with a reset; nobody hears that what was queued is lost. */
  void reset() {
    receiver = null;
    state = State.CLOSED;
    connection.reset();
  }

  /** See {@link Http1Stream#drain}. */
  void drain() {
    long left = decoder.remaining();
    boolean worthIt = state == State.BODY && requestEnded && keepAlive && left <= MAX_DRAINED_BYTES;
    if (!worthIt) {
      abort();
      return;
    }
    receiver = null;
    drainable = MAX_DRAINED_BYTES;
    connection.idleFor(MAX_DRAIN_NANOS);
    connection.resumeIfPaused();
  }

  /** Takes what is of the response out of {@code in}, which stays the caller's. */
  void read(ByteBuf in) {
    try {
      consume(in);
    } catch (FramingException e) {
      fail(e.kind());
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
          decoder.decode(in, this);
          endIfDone(in);
          break;
        case TUNNEL:
          onData(in.readRetainedSlice(in.readableBytes()));
          return;
        case HANDED_OVER:
          throw new IllegalStateException("handed over");
        case IDLE:
          // Octets that nobody asked for: what follows could be taken for another answer.
          connection.close();
          return;
        case CLOSED:
          return;
      }
    }
  }

  private void headCame(ByteBuf in) {
    ResponseReceiver to = receiver;
    if (to == null) {
      abort();
      return;
    }
    if (response.informational()) {
      if (++informational > ResponseReceiver.MAX_INFORMATIONAL) {
        fail(ErrorKind.BAD_RESPONSE);
        return;
      }
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

  private void drained(int octets) {
    drainable -= octets;
    if (drainable < 0) {
      abort();
    }
  }

  @Override
  public void onEnd(@Nullable ByteHeaders section) {
    trailers = section;
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
    if (reusable && connection.active()) {
      state = State.IDLE;
      connection.served();
    } else {
      state = State.CLOSED;
      connection.close();
    }
    if (to != null) {
      to.onEnd(section);
    }
  }

  private void fail(ErrorKind kind) {
    ResponseReceiver to = receiver;
    receiver = null;
    boolean stale = connection.reused() && !octetsCame && kind == ErrorKind.CONNECTION_TERMINATED;
    state = State.CLOSED;
    connection.close();
    if (to != null) {
      to.onFailure(kind, stale ? ResponseReceiver.Fate.STALE : ResponseReceiver.Fate.UNKNOWN);
    }
  }

  /**
   * Nothing more will come.
   *
   * @param whole whether that is known to be the endpoint's word; else content that lasts until the
   *     close may have been cut short (RFC 8446 §6.1)
   */
  void inputEnded(boolean whole) {
    if (receiver != null) {
      switch (state) {
        case HEAD -> fail(ErrorKind.CONNECTION_TERMINATED);
        case BODY -> bodyEnded(whole);
        case TUNNEL -> end(false);
        case IDLE, HANDED_OVER, CLOSED -> {
          // nobody is waiting
        }
      }
    }
    state = State.CLOSED;
  }

  private void bodyEnded(boolean whole) {
    if (!whole && response.framing() == Framing.UNTIL_CLOSE) {
      fail(ErrorKind.RESPONSE_BROKEN);
      return;
    }
    try {
      decoder.inputClosed(this);
      end(false);
    } catch (FramingException e) {
      fail(ErrorKind.RESPONSE_BROKEN);
    }
  }

  /** A reset or a failed write: the response is broken off, whatever octets it still lacked. */
  void broken(Throwable cause) {
    if (receiver == null) {
      connection.close();
      return;
    }
    boolean head = state == State.HEAD;
    ErrorKind early =
        TlsFailures.isAlert(cause) ? ErrorKind.TLS_ALERT_RECEIVED : ErrorKind.CONNECTION_TERMINATED;
    fail(head ? early : ErrorKind.RESPONSE_BROKEN);
  }
}
