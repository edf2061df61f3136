package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The octets of the chunked transfer coding (RFC 9112 §7.1). */
public final class Chunks {

  /** Ends a chunk. */
  private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Room enough for the size line of a chunk and what ends it. */
  public static final int OVERHEAD = 12;

  private Chunks() {}

  /** Writes the size line of a chunk of {@code length} octets, at least 1. */
  public static void writeSize(ByteBuf out, int length) {
    Ascii.writeHex(out, length);
    out.writeBytes(CRLF);
  }

  /** Writes what ends a chunk. */
  public static void writeEnd(ByteBuf out) {
    out.writeBytes(CRLF);
  }

  /** Writes the last chunk, the trailer section and the empty line. */
  public static void writeLast(ByteBuf out, @Nullable ByteHeaders trailers) {
    if (trailers == null || trailers.size() == 0) {
      out.writeBytes(LAST);
      return;
    }
    out.writeBytes(LAST, 0, 3);
    trailers.write(out, 0, null);
    out.writeBytes(CRLF);
  }

  /** Room enough for {@link #writeLast}. */
  public static int lastRoom(@Nullable ByteHeaders trailers) {
    return LAST.length + (trailers == null ? 0 : trailers.roomNeeded());
  }
}
