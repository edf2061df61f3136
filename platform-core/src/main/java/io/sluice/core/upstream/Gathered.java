package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.sluice.core.transport.EventLoops;
import org.jspecify.annotations.Nullable;

/**
 * Copies of response content that is going to wait for its client. As it came it would keep alive
 * the buffers of whole reads, and an endpoint that sends it octet by octet would have us hold an
 * object for each; so what comes in one burst is gathered in few pieces that hold nothing else. On
 * the event loop of its stream, which says when there is nothing more to gather.
 */
final class Gathered {

  private static final int BYTES = 8 * 1024;

  private @Nullable ByteBuf buffer;

  /**
   * Copies octets of {@code data} from {@code index} on, as many as fit; {@link #take} makes room.
   *
   * @return how many
   */
  int add(ByteBuf data, int index) {
    ByteBuf to = buffer;
    if (to == null) {
      to = EventLoops.allocator().directBuffer(BYTES, BYTES);
      buffer = to;
    }
    int octets = Math.min(to.writableBytes(), data.writerIndex() - index);
    to.writeBytes(data, index, octets);
    return octets;
  }

  boolean full() {
    ByteBuf now = buffer;
    return now != null && !now.isWritable();
  }

  /** What was added since the last call, for the caller to release; null for nothing. */
  @Nullable ByteBuf take() {
    ByteBuf from = buffer;
    if (from == null || !from.isReadable()) {
      return null;
    }
    if (!from.isWritable()) {
      buffer = null;
      return from;
    }
    return from.readRetainedSlice(from.readableBytes());
  }

  /** Lets go of everything. */
  void drop() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }
}
