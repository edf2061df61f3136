package io.sluice.plugin.certificateselfsigned;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * As much of the Distinguished Encoding Rules (ITU-T X.690) as one certificate needs. The JDK reads
 * certificates and makes none, and a library for it is forty times the size of this plugin.
 */
final class Der {

  private static final int BOOLEAN = 0x01;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;

  /** RFC 5280 §4.1.2.5: dates from 2050 on have four digits for the year, earlier ones two. */
  private static final int LAST_UTC_YEAR = 2049;

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter GENERALIZED =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Der() {}

  /** A tag, the length in its shortest form, and the content (X.690 §8.1, §10.1). */
  static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      byte[] length = BigInteger.valueOf(content.length).toByteArray();
      int skip = length[0] == 0 ? 1 : 0;
      out.write(0x80 | (length.length - skip));
      out.write(length, skip, length.length - skip);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  static byte[] sequence(byte[]... members) {
    return element(SEQUENCE, concat(members));
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Something of which the tag says what it is (X.690 §8.14), such as {@code [3] EXPLICIT}. */
  static byte[] explicit(int number, byte[] inner) {
    return element(0xa0 | number, inner);
  }

  static byte[] integer(BigInteger value) {
    return element(INTEGER, value.toByteArray());
  }

  /** True; false is a default and must be left out. */
  static byte[] yes() {
    return element(BOOLEAN, new byte[] {(byte) 0xff});
  }

  static byte[] octets(byte[] content) {
    return element(OCTET_STRING, content);
  }

  /**
   * A string of bits.
   *
   * @param unused how many of the last octet do not count
   */
  static byte[] bits(int unused, byte[] content) {
    return element(BIT_STRING, concat(new byte[] {(byte) unused}, content));
  }

  /** An object identifier (X.690 §8.19). */
  static byte[] oid(int first, int second, int... rest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(40 * first + second);
    for (int arc : rest) {
      for (int shift = 28; shift > 0; shift -= 7) {
        if (arc >>> shift != 0) {
          out.write(0x80 | ((arc >>> shift) & 0x7f));
        }
      }
      out.write(arc & 0x7f);
    }
    return element(OBJECT_IDENTIFIER, out.toByteArray());
  }

  static byte[] time(Instant instant) {
    boolean utc = instant.atZone(ZoneOffset.UTC).getYear() <= LAST_UTC_YEAR;
    String text = utc ? UTC.format(instant) : GENERALIZED.format(instant);
    return element(utc ? UTC_TIME : GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
  }
}
