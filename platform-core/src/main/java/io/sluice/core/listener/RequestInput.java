package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.sluice.core.exchange.HttpExchange;
import io.sluice.core.http.FramingException;
import io.sluice.core.transport.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * What the client of an {@link HttpConnection} sends: reads no faster than its {@link
 * RequestReader} and the exchange take it, and keeps the octets of a next request until the
 * response before is sent. On the connection's event loop.
 */
final class RequestInput {

  private final HttpExchange exchange;
  private final RequestReader reader;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf pending;
  private boolean processing;
  private boolean reading;
  private boolean ended;
  private long bytes;

  /** What {@code client} sends for {@code exchange}. */
  RequestInput(HttpConnection connection, ClientSide client, HttpExchange exchange) {
    Deadline deadline = new Deadline(client.loop().deadlines(), this::onDeadline);
    this.exchange = exchange;
    this.reader = new RequestReader(connection, client, exchange, deadline);
  }

  private void onDeadline() {
    reader.onDeadline(reading);
  }

  RequestReader reader() {
    return reader;
  }

  /** The connection is open. */
  void begin(ChannelHandlerContext from) {
    context = from;
    reader.begin();
    read();
  }

  // ---- when to read ----

  private void read() {
    ChannelHandlerContext from = context;
    if (from != null && !reading && !ended) {
      reading = true;
      from.read();
    }
  }

  private boolean wanted() {
    return reader.wantsInput() && !(reader.waits() && pending != null);
  }

  /** There may be room again. */
  void resume() {
    if (!reading && wanted()) {
      if (pending != null && !processing) {
        processPending();
      }
      read();
    }
  }

  /** The socket takes responses again, or no more. */
  void onWritability() {
    if (reader.withinHead()) {
      resume();
    }
  }

  /** A burst of reads is over. */
  void readComplete() {
    reading = false;
    if (exchange.active()) {
      exchange.onRequestReadComplete();
    }
    if (wanted()) {
      read();
    } else {
      reader.holdBack();
    }
  }

  // ---- what came ----

  /** Octets came; takes them over. */
  void receive(ByteBuf in) {
    bytes += in.readableBytes();
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
      while (in.isReadable() && reader.read(in)) {
        // one step of one request was taken
      }
      if (in.isReadable() && reader.waits()) {
        pending = in.alloc().buffer(Math.max(256, in.readableBytes())).writeBytes(in);
      }
    } catch (FramingException e) {
      reader.refuse(e.kind(), e.reason());
    } finally {
      processing = false;
      in.release();
    }
  }

  private void processPending() {
    while (pending != null && !reader.waits() && !reader.closed()) {
      ByteBuf in = pending;
      pending = null;
      process(in);
    }
    if (exchange.active()) {
      exchange.onRequestReadComplete();
    }
    endIfAllIsRead();
  }

  /** The response is sent whole: the next request's turn. */
  void responded() {
    if (!reader.responded()) {
      return;
    }
    if (pending != null && !processing) {
      processPending();
    }
    endIfAllIsRead();
    resume();
  }

  /** Another protocol's octets come from now on, or came with the request. */
  void beginTunnel() {
    reader.beginTunnel();
    if (pending != null && !processing) {
      processPending();
    }
  }

  /** Octets that came since the last call. */
  long takeBytes() {
    long octets = bytes;
    bytes = 0;
    return octets;
  }

  // ---- its end ----

  /** The client half-closed: it asks for nothing more. */
  void onHalfClose() {
    ended = true;
    reader.inputEnded();
  }

  /** Nothing comes any more, and nothing can be sent. */
  void onClose() {
    ended = true;
  }

  /** Requests that came before a half-close are served first. */
  private void endIfAllIsRead() {
    if (ended && !processing && pending == null && !reader.over()) {
      reader.inputEnded();
    }
  }

  /** Whether the client sent all that it ever will, and all of it was read. */
  boolean exhausted() {
    return ended && pending == null;
  }

  /**
   * Our last octet is queued. Answers whether the client may be sending what nobody reads; it has a
   * while then to close.
   *
   * @param brokenOff whether a request was, so that nobody knows where it ends
   */
  boolean linger(boolean brokenOff) {
    boolean owed = !ended && (reader.withinContent() || pending != null || brokenOff);
    reader.linger(owed);
    dropPending();
    return owed;
  }

  /** The connection is gone, or somebody else's. */
  void close() {
    reader.close();
    dropPending();
  }

  private void dropPending() {
    if (pending != null) {
      pending.release();
      pending = null;
    }
  }
}
