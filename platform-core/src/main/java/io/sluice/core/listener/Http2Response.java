package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Http2Fields;
import org.jspecify.annotations.Nullable;

/**
 * The response on one stream. Its head and its last octets wait for what comes next, which may be
 * the end: no frame of its own is needed then. One object for all responses of a stream's owner; on
 * the connection's event loop.
 */
final class Http2Response {

  private final FrameBuffer frames;
  private final Http2Content content;
  private @Nullable Http2Stream stream;
  private @Nullable Http2Headers head;
  private @Nullable ByteBuf last;
  private boolean ended;
  private int stalledBytes;

  /**
   * A response.
   *
   * @param onEnd runs when the last frame of content was written
   */
  Http2Response(Http2RemoteFlowController windows, FrameBuffer frames, Runnable onEnd) {
    this.frames = frames;
    this.content = new Http2Content(windows, frames, onEnd);
  }

  /** Another one, on {@code of}. */
  void begin(Http2Stream of) {
    stream = of;
    head = null;
    ended = false;
    content.begin(of);
  }

  /** Whether {@link #end} was called. */
  boolean ended() {
    return ended;
  }

  // ---- on its way ----

  void informational(Http2Headers fields) {
    Http2Stream to = stream;
    if (to != null) {
      frames.headers(to.id(), fields, false);
    }
  }

  void head(Http2Headers fields) {
    head = fields;
  }

  /** Takes {@code data} over. */
  void data(ByteBuf data) {
    if (stream == null || ended || !data.isReadable()) {
      data.release();
      return;
    }
    pass();
    last = data;
  }

  /** Nothing follows but {@code section}; answers whether the last frame is written by that. */
  boolean end(@Nullable ByteHeaders section) {
    Http2Stream to = stream;
    ended = true;
    if (to == null) {
      return false;
    }
    Http2Headers first = head;
    if (first != null && last == null && section == null) {
      head = null;
      frames.headers(to.id(), first, true);
      return true;
    }
    Http2Headers trailers = section == null ? null : Http2Fields.trailers(section);
    ByteBuf rest = last;
    last = null;
    pass();
    if (rest != null) {
      content.addLast(rest, trailers);
    } else {
      content.end(trailers);
    }
    return false;
  }

  /** Writes what waited to see what follows it. */
  void pass() {
    Http2Stream to = stream;
    Http2Headers first = head;
    if (first != null && to != null) {
      head = null;
      frames.headers(to.id(), first, false);
    }
    ByteBuf data = last;
    if (data != null) {
      last = null;
      content.add(data);
    }
  }

  /** The stream is closed. */
  void close() {
    stream = null;
    content.drop();
    head = null;
    if (last != null) {
      last.release();
      last = null;
    }
  }

  // ---- what the client did not take yet ----

  /** Octets that wait for a window or for the socket. */
  int waitingBytes() {
    return content.size();
  }

  /** Octets that wait for a window, or else those that wait for the socket. */
  long unsentBytes() {
    return content.size() > 0 ? content.size() : frames.unsent();
  }

  /**
   * It is queued whole; answers whether some of it waits, for {@link #stalled} to tell how long.
   */
  boolean waits() {
    stalledBytes = content.size();
    return !content.endWritten();
  }

  /** Whether the client took nothing of what waits since the last call. */
  boolean stalled() {
    int before = stalledBytes;
    stalledBytes = content.size();
    return stalledBytes >= before;
  }
}
