package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** What a client is told in the clear before any key was agreed on (RFC 8446 §6). */
enum Alert {
  /** The octets are no ClientHello. */
  DECODE_ERROR(50),
  /** Nobody of that name is here (RFC 6066 §3). */
  UNRECOGNIZED_NAME(112);

  private static final int RECORD = 21;
  private static final int FATAL = 2;

  private final int code;

  Alert(int code) {
    this.code = code;
  }

  /** The whole record. */
  ByteBuf record() {
    return Unpooled.wrappedBuffer(new byte[] {RECORD, 3, 1, 0, 2, FATAL, (byte) code});
  }
}
