package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 §5.2) as far as it takes to know
 * where one ends: their headers, never what they carry. Extensions do not change that form.
 */
public final class FrameBoundary {

  private static final int CLOSE = 8;

  /** Final fragment, unmasked, two octets: 1001, "going away" (RFC 6455 §7.4.1). */
  private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 0x03, (byte) 0xE9};

  private int headerLeft;
  private int lengthLeft;
  private int maskLeft;
  private long payloadLeft;
  private boolean closing;

  /** Octets go by; they stay untouched. */
  public void passed(ByteBuf data) {
    int at = data.readerIndex();
    int end = data.writerIndex();
    while (at < end) {
      if (headerLeft == 0 && lengthLeft == 0 && maskLeft == 0 && payloadLeft > 0) {
        long skipped = Math.min(payloadLeft, end - at);
        payloadLeft -= skipped;
        at += (int) skipped;
      } else {
        header(data.getByte(at++) & 0xFF);
      }
    }
  }

  private void header(int octet) {
    if (headerLeft == 1) {
      headerLeft = 0;
      maskLeft = octet >= 0x80 ? 4 : 0;
      int length = octet & 0x7F;
      lengthLeft = length == 126 ? 2 : length == 127 ? 8 : 0;
      payloadLeft = lengthLeft == 0 ? length : 0;
    } else if (lengthLeft > 0) {
      lengthLeft--;
      payloadLeft = payloadLeft << 8 | octet;
      if (lengthLeft == 0 && payloadLeft < 0) {
        payloadLeft = Long.MAX_VALUE; // not a WebSocket: there is no boundary any more
      }
    } else if (maskLeft > 0) {
      maskLeft--;
    } else {
      headerLeft = 1;
      closing |= (octet & 0xF) == CLOSE;
    }
  }

  /**
   * What tells the receiver that its peer goes away; control frames may stand between any two
   * frames, those of one message included (RFC 6455 §5.4). Empty where a frame is under way, or a
   * Close frame has gone by.
   */
  public byte[] goingAway() {
    boolean between = headerLeft == 0 && lengthLeft == 0 && maskLeft == 0 && payloadLeft == 0;
    return between && !closing ? GOING_AWAY.clone() : new byte[0];
  }
}
