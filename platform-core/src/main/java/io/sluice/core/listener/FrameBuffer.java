package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.sluice.core.http.FrameBudget;
import io.sluice.core.transport.EventLoops;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one HTTP/2 connection on their way out, in the order in which they were written:
 * small ones are gathered in one buffer, which leaves in one write when somebody flushes; large
 * content passes as it came. Between the connection and its socket or TLS; on its event loop.
 *
 * <p>It also stops reading from a client that does not read: what is not bound by the client's flow
 * control, such as the answers to its PINGs, is bound here.
 */
final class FrameBuffer extends ChannelOutboundHandlerAdapter {

  private static final int HEADER_BYTES = 9;

  /** Octets up to this many are copied. */
  private static final int SMALL = 4 * 1024;

  private static final int ROOM = 16 * 1024;

  /** What may wait for the socket before nothing more is read that could add to it. */
  static final long MAX_UNSENT = 1024 * 1024;

  private final Http2HeadersEncoder encoder;
  private final FrameBudget budget;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf out;
  private int maxFrame = 16 * 1024;
  private boolean inputEnded;
  private boolean readWanted;
  private long written;

  /**
   * A buffer.
   *
   * @param encoder of the field sections, shared with whoever else writes any on this connection
   */
  FrameBuffer(Http2HeadersEncoder encoder, FrameBudget budget) {
    this.encoder = encoder;
    this.budget = budget;
  }

  // ---- frames ----

  /** The largest payload that the client takes. */
  void maxFrame(int octets) {
    maxFrame = octets;
  }

  int maxFrame() {
    return maxFrame;
  }

  /** Writes the header of a DATA frame whose payload {@link #payload} follows. */
  void dataHeader(int stream, int length, boolean end) {
    header(buffer(HEADER_BYTES), length, Http2FrameTypes.DATA, end ? Http2Flags.END_STREAM : 0)
        .writeInt(stream);
    budget.contentSent();
  }

  /** Writes content; takes it over. */
  void payload(ByteBuf content) {
    pass(content);
  }

  /** Writes a field section, in as many frames as it takes. */
  void headers(int stream, Http2Headers fields, boolean end) {
    ByteBuf to = buffer(1024);
    int start = to.writerIndex();
    to.writeZero(HEADER_BYTES);
    try {
      encoder.encodeHeaders(stream, fields, to);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // no bound is set that they could exceed
    }
    int length = to.writerIndex() - start - HEADER_BYTES;
    int flags = end ? Http2Flags.END_STREAM : 0;
    if (length <= maxFrame) {
      int stop = to.writerIndex();
      to.writerIndex(start);
      header(to, length, Http2FrameTypes.HEADERS, flags | Http2Flags.END_HEADERS).writeInt(stream);
      to.writerIndex(stop);
    } else {
      split(to, start, length, stream, flags);
    }
  }

  /** A section that is longer than a frame (RFC 9113 §4.3). */
  private void split(ByteBuf to, int start, int length, int stream, int flags) {
    ByteBuf section = to.copy(start + HEADER_BYTES, length);
    to.writerIndex(start);
    byte type = Http2FrameTypes.HEADERS;
    int left = length;
    while (left > 0) {
      int piece = Math.min(left, maxFrame);
      left -= piece;
      int last = left == 0 ? Http2Flags.END_HEADERS : 0;
      to.ensureWritable(HEADER_BYTES + piece);
      header(to, piece, type, (type == Http2FrameTypes.HEADERS ? flags : 0) | last)
          .writeInt(stream);
      to.writeBytes(section, piece);
      type = Http2FrameTypes.CONTINUATION;
    }
    section.release();
  }

  private static ByteBuf header(ByteBuf to, int length, byte type, int flags) {
    return to.writeMedium(length).writeByte(type).writeByte(flags);
  }

  // ---- the way to the socket ----

  /** Octets written since the last call. */
  long takeWritten() {
    long octets = written;
    written = 0;
    return octets;
  }

  /** What the socket has not taken yet. */
  long unsent() {
    ChannelHandlerContext to = context;
    ChannelOutboundBuffer waiting = to == null ? null : to.channel().unsafe().outboundBuffer();
    long queued = waiting == null ? 0 : waiting.totalPendingWriteBytes();
    return queued + (out == null ? 0 : out.readableBytes());
  }

  private ByteBuf buffer(int room) {
    ByteBuf now = out;
    if (now != null && now.writableBytes() >= room) {
      return now;
    }
    passGathered();
    ByteBuf fresh = EventLoops.allocator().directBuffer(Math.max(room, ROOM));
    out = fresh;
    return fresh;
  }

  private void pass(ByteBuf octets) {
    int length = octets.readableBytes();
    ByteBuf now = out;
    if (length <= SMALL || (now != null && length <= now.writableBytes() && length <= 2 * SMALL)) {
      buffer(length).writeBytes(octets);
      octets.release();
      return;
    }
    passGathered();
    write(octets);
  }

  private void passGathered() {
    ByteBuf now = out;
    if (now != null) {
      out = null;
      write(now);
    }
  }

  private void write(ByteBuf octets) {
    ChannelHandlerContext to = context;
    if (to == null) {
      octets.release();
      return;
    }
    written += octets.readableBytes();
    to.write(octets, to.voidPromise());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void write(ChannelHandlerContext to, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf octets && octets.isReadable()) {
      pass(octets);
      promise.trySuccess(); // in order with everything else from now on, which is all that is asked
    } else { // somebody asks when all before it is sent
      passGathered();
      to.write(message, promise);
    }
  }

  @Override
  public void flush(ChannelHandlerContext to) {
    passGathered();
    to.flush();
  }

  @Override
  public void close(ChannelHandlerContext to, ChannelPromise promise) {
    passGathered();
    to.flush();
    to.close(promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    release();
  }

  /** The connection is closed. */
  void release() {
    context = null;
    if (out != null) {
      out.release();
      out = null;
    }
  }

  // ---- reading ----

  /** Nothing will come any more. */
  void inputEnded() {
    inputEnded = true;
  }

  @Override
  public void read(ChannelHandlerContext from) {
    if (inputEnded) {
      return;
    }
    if (unsent() > MAX_UNSENT) {
      readWanted = true;
    } else {
      from.read();
    }
  }

  /** The socket has room again. */
  void roomCame() {
    ChannelHandlerContext from = context;
    if (readWanted && from != null) {
      readWanted = false;
      read(from);
    }
  }
}
