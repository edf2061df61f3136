package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of frames (RFC 9113 §4.1) as their octets come, in front of the decoder that
 * reads their payload: every frame is held against the {@link FrameBudget}, those included that the
 * decoder ignores without a word. It also knows whether the other end stopped within a frame or a
 * field section. Belongs to the event loop of its connection.
 */
public final class FrameScan {

  private static final int HEADER_BYTES = 9;

  private final FrameBudget budget;
  private int skip;
  private int have;
  private int length;
  private byte type;
  private byte flags;
  private boolean inSection;

  /** Whether the next octet says how much of the frame is padding (RFC 9113 §6.1). */
  private boolean padLengthDue;

  /**
   * A scan.
   *
   * @param preface octets before the first frame
   */
  public FrameScan(FrameBudget budget, int preface) {
    this.budget = budget;
    this.skip = preface;
  }

  /** Whether a frame or a field section has begun and is not whole. */
  public boolean within() {
    return inSection || have > 0 || skip > 0;
  }

  /**
   * Whether a field section has begun and is not whole: nothing else can come on the connection
   * until it is (RFC 9113 §4.3).
   */
  public boolean withinSection() {
    return inSection
        || (skip > 0 && (type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION));
  }

  /**
   * Looks at octets that came, and reads none.
   *
   * @return null, or what there is too much of
   */
  public @Nullable String look(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end) {
      if (padLengthDue) {
        padLengthDue = false;
        skip--;
        String excess = content(length - 1 - (in.getByte(at++) & 0xff));
        if (excess != null) {
          return excess;
        }
        continue;
      }
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
        padLengthDue = length > 0 && has(Http2Flags.PADDED);
        return padLengthDue ? null : content(length);
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
      default -> {
        return budget.control();
      }
    }
  }

  private @Nullable String content(int octets) {
    if (octets <= 0 && !has(Http2Flags.END_STREAM)) {
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
