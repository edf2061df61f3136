package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of a client's frames (RFC 9113 §4.1) as their octets come, in front of the
 * decoder that reads their payload: every frame is held against the {@link FrameBudget}, those
 * included that the decoder ignores without a word. It also knows whether the client stopped within
 * a frame or a field section. Belongs to the event loop of its connection.
 */
final class FrameScan {

  private static final int HEADER_BYTES = 9;

  private final FrameBudget budget;
  private int skip = Http2Preface.LENGTH;
  private int have;
  private int length;
  private byte type;
  private byte flags;
  private boolean inSection;

  FrameScan(FrameBudget budget) {
    this.budget = budget;
  }

  /** Whether a frame or a field section has begun and is not whole. */
  boolean within() {
    return inSection || have > 0 || skip > 0;
  }

  /**
   * Looks at octets that came, and reads none.
   *
   * @return null, or what the client does too much of
   */
  @Nullable String look(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end) {
      if (skip > 0) {
        int passed = Math.min(skip, end - at);
        skip -= passed;
        at += passed;
        continue;
      }
      octet(in.getByte(at++));
      if (have == HEADER_BYTES) {
        have = 0;
        skip = length;
        String excess = frame();
        if (excess != null) {
          return excess;
        }
      }
    }
    return null;
  }

  private void octet(byte octet) {
    switch (have++) {
      case 0 -> length = octet & 0xff;
      case 1, 2 -> length = length << 8 | (octet & 0xff);
      case 3 -> type = octet;
      case 4 -> flags = octet;
      default -> {
        // the stream's number
      }
    }
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  private @Nullable String frame() {
    switch (type) {
      case Http2FrameTypes.DATA -> {
        return content();
      }
      case Http2FrameTypes.HEADERS -> {
        budget.headers();
        return section();
      }
      case Http2FrameTypes.CONTINUATION -> {
        return section();
      }
      case Http2FrameTypes.PRIORITY -> {
        return budget.priority();
      }
      case Http2FrameTypes.WINDOW_UPDATE -> {
        return budget.windowUpdate();
      }
      case Http2FrameTypes.RST_STREAM -> {
        return null; // what it ends decides
      }
      case Http2FrameTypes.PING, Http2FrameTypes.SETTINGS -> {
        return has(Http2Flags.ACK) ? null : budget.control();
      }
      default -> {
        return budget.control();
      }
    }
  }

  private @Nullable String content() {
    boolean ends = has(Http2Flags.END_STREAM);
    if (length == 0 && !ends) {
      return budget.empty();
    }
    budget.content();
    return null;
  }

  private @Nullable String section() {
    inSection = !has(Http2Flags.END_HEADERS);
    return inSection && length == 0 ? budget.empty() : null;
  }
}
