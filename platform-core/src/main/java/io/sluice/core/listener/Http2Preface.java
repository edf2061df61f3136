package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Tells the octets that every client of HTTP/2 begins with (RFC 9113 §3.4) from those of an older
 * version. No request of HTTP/1.1 begins like them: no method is {@code PRI}.
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

  private Http2Preface() {}

  /** Looks at what is readable in {@code in}, and reads nothing. */
  static Look look(ByteBuf in) {
    int came = Math.min(in.readableBytes(), OCTETS.length);
    int from = in.readerIndex();
    for (int i = 0; i < came; i++) {
      if (in.getByte(from + i) != OCTETS[i]) {
        return Look.OTHER;
      }
    }
    return came == OCTETS.length ? Look.WHOLE : Look.PART;
  }
}
