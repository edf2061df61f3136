package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Texts whose chars are octets, written as such. */
public final class Ascii {

  private Ascii() {}

  /** Appends {@code text}, one octet a char (ISO-8859-1). */
  public static void write(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  /** Appends {@code value} in decimal digits. */
  static void writeDecimal(ByteBuf out, long value) {
    write(out, Long.toString(value));
  }

  /** Appends {@code value}, not negative, in hexadecimal digits. */
  static void writeHex(ByteBuf out, int value) {
    int digits = Math.max(1, (35 - Integer.numberOfLeadingZeros(value)) / 4);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      int digit = (value >>> shift) & 0xf;
      out.writeByte(digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
  }
}
