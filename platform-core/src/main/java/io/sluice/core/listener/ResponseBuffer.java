package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Chunks;
import io.sluice.core.http.HttpDate;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.ResponseWriter;
import io.sluice.core.http.ResponseWriter.Body;
import io.sluice.core.http.ResponseWriter.Persistence;
import io.sluice.core.transport.EventLoops;
import org.jspecify.annotations.Nullable;

/**
 * The octets of one connection's responses on their way out. A head, small content and what ends it
 * leave in one buffer and one write; large content passes as it came. On the connection's event
 * loop.
 */
final class ResponseBuffer {

  /** Content up to this size is copied behind the head. */
  private static final int SMALL = 8 * 1024;

  private final HttpDate date;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf out;
  private boolean chunked;
  private boolean dirty;
  private long written;

  ResponseBuffer(HttpDate date) {
    this.date = date;
  }

  void start(ChannelHandlerContext to) {
    context = to;
  }

  /** Octets written since the last call. */
  long takeWritten() {
    long octets = written;
    written = 0;
    return octets;
  }

  void head(ParsedResponse head, Body body, boolean http10, boolean close) {
    chunked = body == Body.CHUNKED;
    Persistence persistence =
        close ? Persistence.CLOSE : http10 ? Persistence.KEEP_ALIVE : Persistence.IMPLIED;
    int room = ResponseWriter.roomNeeded(head);
    if (body == Body.AS_IS && head.contentLength() <= SMALL) {
      room += (int) Math.max(1024, head.contentLength());
    } else if (body != Body.EMPTY) {
      room += 2048;
    }
    ByteBuf buffer = buffer(room);
    ResponseWriter.write(buffer, head, body, persistence, date.octets());
  }

  void informational(ParsedResponse head) {
    ResponseWriter.writeInformational(buffer(ResponseWriter.roomNeeded(head)), head);
    flush();
  }

  void ownContinue() {
    ResponseWriter.writeContinue(buffer(64));
    flush();
  }

  private ByteBuf buffer(int room) {
    ByteBuf now = out;
    if (now != null && now.writableBytes() >= room) {
      return now;
    }
    pass();
    ByteBuf fresh = EventLoops.allocator().directBuffer(room);
    out = fresh;
    return fresh;
  }

  void data(ByteBuf data) {
    int length = data.readableBytes();
    if (length == 0) {
      data.release();
      return;
    }
    ByteBuf now = out;
    int overhead = chunked ? Chunks.OVERHEAD : 0;
    if (now != null && length <= SMALL && now.writableBytes() >= length + overhead) {
      if (chunked) {
        Chunks.writeSize(now, length);
      }
      now.writeBytes(data);
      if (chunked) {
        Chunks.writeEnd(now);
      }
      data.release();
      return;
    }
    if (chunked) {
      Chunks.writeSize(buffer(Chunks.OVERHEAD), length);
    }
    pass();
    write(data);
    if (chunked) {
      Chunks.writeEnd(buffer(256));
    }
  }

  void end(@Nullable ByteHeaders trailers) {
    if (chunked) {
      Chunks.writeLast(buffer(Chunks.lastRoom(trailers)), trailers);
      chunked = false;
    }
    flush();
  }

  void flush() {
    pass();
    ChannelHandlerContext to = context;
    if (dirty && to != null) {
      dirty = false;
      to.flush();
    }
  }

  private void pass() {
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
    dirty = true;
    to.write(octets, to.voidPromise());
  }

  /** Forgets what was not passed on. */
  void release() {
    if (out != null) {
      out.release();
      out = null;
    }
  }
}
