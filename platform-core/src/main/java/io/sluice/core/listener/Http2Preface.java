package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Tells the octets that every client of HTTP/2 begins with (RFC 9113 §3.4) from those of an older
 * version, as they come on a connection of which nothing else tells (§3.3). No request of HTTP/1.1
 * begins like them: no method is {@code PRI}.
 */
final class Http2Preface {

  private static final byte[] OCTETS =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** How many octets it has. */
  static final int LENGTH = OCTETS.length;

  /** What the first octets of a connection are. */
  enum Look {
    /** Nothing of the kind. */
    OTHER,
    /** A beginning of it, with nothing else. */
    PART,
    /** All of it. */
    WHOLE
  }

  private @Nullable ByteBuf came;

  /** Looks at all that came, {@code in} being the last of it; takes it over. */
  Look look(ByteBuf in) {
    ByteBuf before = came;
    if (before != null) {
      before.writeBytes(in);
      in.release();
      return lookAt(before);
    }
    Look look = lookAt(in);
    if (look == Look.PART) {
      came = in.alloc().buffer(2 * LENGTH).writeBytes(in);
      in.release();
    } else {
      came = in;
    }
    return look;
  }

  private static Look lookAt(ByteBuf in) {
    int length = Math.min(in.readableBytes(), LENGTH);
    int from = in.readerIndex();
    for (int i = 0; i < length; i++) {
      if (in.getByte(from + i) != OCTETS[i]) {
        return Look.OTHER;
      }
    }
    return length == LENGTH ? Look.WHOLE : Look.PART;
  }

  /** Whether anything came. */
  boolean begun() {
    return came != null;
  }

  /** Hands over what came; nothing is looked at afterwards. */
  ByteBuf take() {
    ByteBuf all = came;
    if (all == null) {
      throw new IllegalStateException("nothing came");
    }
    came = null;
    return all;
  }

  /** The connection is gone. */
  void release() {
    if (came != null) {
      came.release();
      came = null;
    }
  }
}
