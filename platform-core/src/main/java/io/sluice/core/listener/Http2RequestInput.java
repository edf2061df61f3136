package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.exchange.HttpExchange;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Http2Fields;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.transport.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * What follows the head of a request on an {@link Http2ClientStream}: content, or the octets of a
 * tunnel. They are given back to the client's window as the exchange takes them, so a stream holds
 * at most its window beside what the exchange holds. One object for all requests of a stream's
 * owner; on the connection's event loop.
 */
final class Http2RequestInput {

  /** Octets below this many are copied, lest they keep the buffer of a whole read alive. */
  private static final int SMALL = 1024;

  private enum State {
    /** Content comes. */
    CONTENT,
    /** The request asks for a tunnel, which is not open yet. */
    TUNNEL_ASKED,
    /** A tunnel: octets of another protocol come. */
    TUNNEL,
    /** All of it came. */
    WHOLE,
    /** The exchange ended, or refused it: what still comes is dropped. */
    DROPPED
  }

  private final Http2ClientConnection connection;
  private final HttpExchange exchange;
  private final Deadline deadline;
  private final BodyRate bodyRate;
  private final long maxBytes;

  private State state = State.WHOLE;
  private @Nullable Http2Stream stream;

  /** Content that waits for the exchange, and the octets of window that are owed for it. */
  private @Nullable ByteBuf pending;

  private int owedBytes;
  private boolean endPending;
  private @Nullable ByteHeaders trailers;
  private long received;
  private boolean delivering;
  private boolean ended;

  /**
   * Nothing yet.
   *
   * @param deadline by which some of it must come, see {@link #tooSlow}
   */
  Http2RequestInput(
      Http2ClientConnection connection,
      ListenerConfig config,
      HttpExchange exchange,
      Deadline deadline) {
    this.connection = connection;
    this.exchange = exchange;
    this.deadline = deadline;
    this.bodyRate = new BodyRate(config, deadline);
    this.maxBytes = config.limits().maxBodySize();
  }

  /**
   * A request's head came on {@code on}: what follows is dropped, unless it is {@linkplain #expect
   * expected}.
   *
   * @param end whether nothing follows
   */
  void begin(Http2Stream on, boolean end) {
    stream = on;
    received = 0;
    ended = end;
    state = end ? State.WHOLE : State.DROPPED;
  }

  /** The exchange is about to begin with {@code head}. */
  void expect(ParsedRequest head, long startNanos) {
    if (head.extendedConnect()) {
      state = State.TUNNEL_ASKED;
    } else if (!ended) {
      state = State.CONTENT;
      bodyRate.begin(startNanos, head.expectsContinue());
    }
  }

  // ---- what came ----

  /** As {@link Http2ClientStream#onData}. */
  int onData(ByteBuf data, int flow, boolean end) {
    int length = data.readableBytes();
    ended |= end;
    if (state == State.CONTENT) {
      bodyRate.came(length);
      received += length;
      if (received > maxBytes) {
        refuse(ErrorKind.BODY_TOO_LARGE, "content too large");
      }
    }
    if (state == State.DROPPED || state == State.WHOLE) {
      if (end) {
        state = State.WHOLE;
      }
      return flow;
    }
    if (pending == null && accepted()) {
      pass(length < SMALL ? copy(data) : data.retain(), end);
      return flow;
    }
    hold(data, flow, end);
    return 0;
  }

  private boolean accepted() {
    return (state == State.CONTENT || state == State.TUNNEL) && exchange.wantsRequestData();
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
      end();
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
    ended = true;
    if (pending == null) {
      end();
    } else {
      endPending = true;
    }
  }

  /** The last octet was passed on. */
  private void end() {
    State before = state;
    ByteHeaders section = trailers;
    trailers = null;
    endPending = false;
    if (before == State.CONTENT) {
      state = State.WHOLE;
      deadline.clear();
      exchange.onRequestEnd(section);
    } else if (before == State.TUNNEL) {
      state = State.WHOLE;
      exchange.onTunnelInputEnded();
    } else if (before == State.DROPPED) {
      state = State.WHOLE;
    }
  }

  /** A burst of reads is over. */
  void readComplete() {
    if (exchange.active()) {
      exchange.onRequestReadComplete();
    }
  }

  private void refuse(ErrorKind kind, String reason) {
    drop();
    if (exchange.active()) {
      exchange.onRequestRefused(kind, reason);
    }
  }

  /** The deadline passed, the exchange being under way; answers whether it refused the request. */
  boolean tooSlow() {
    boolean slow =
        state == State.CONTENT && bodyRate.tooSlow(pending == null && connection.receiving());
    if (slow) {
      refuse(ErrorKind.REQUEST_TIMEOUT, "request content came too slowly");
    }
    return slow;
  }

  // ---- what the exchange asks for ----

  /** It may have room again. */
  void resume() {
    if (delivering) {
      return;
    }
    delivering = true;
    boolean delivered = pending != null;
    while (pending != null && accepted()) {
      ByteBuf held = pending;
      int owed = owedBytes;
      pending = null;
      owedBytes = 0;
      pass(held, endPending);
      giveBack(owed);
    }
    delivering = false;
    if (endPending && pending == null) {
      end();
    }
    if (delivered) {
      readComplete();
    }
  }

  private void giveBack(int octets) {
    Http2Stream of = stream;
    if (of != null) {
      connection.consumed(of, octets);
    }
  }

  /** The client is told to go on. */
  void toldToGoOn() {
    if (state == State.CONTENT) {
      bodyRate.toldToGoOn();
    }
  }

  /** The tunnel is open. */
  void beginTunnel() {
    if (state == State.TUNNEL_ASKED) {
      state = State.TUNNEL;
    }
  }

  /** What comes is dropped from now on. */
  void drop() {
    if (state != State.WHOLE) {
      state = State.DROPPED;
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

  /** The stream is closed. */
  void close() {
    stream = null;
    deadline.clear();
    releasePending();
  }

  // ---- how much of it came ----

  /** Whether the client's END_STREAM came. */
  boolean ended() {
    return ended;
  }

  /** Whether all of it came and was passed on, or dropped. */
  boolean whole() {
    return state == State.WHOLE;
  }

  boolean tunnelAsked() {
    return state == State.TUNNEL_ASKED;
  }

  boolean tunnel() {
    return state == State.TUNNEL;
  }
}
