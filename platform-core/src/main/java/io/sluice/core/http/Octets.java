package io.sluice.core.http;

import java.nio.charset.StandardCharsets;

/** Classes of octets (RFC 9110 §5.6.2, §5.5; RFC 3986 §3.3), by table. */
final class Octets {

  /** A tchar. */
  static final byte TOKEN = 1;

  /** May stand in a field value: VCHAR, obs-text, SP, HTAB. */
  static final byte VALUE = 2;

  /** May stand in a request target: VCHAR except those that only break parsers. */
  static final byte TARGET = 4;

  /** A digit. */
  static final byte DIGIT = 8;

  /** May stand in an authority: unreserved, sub-delims, {@code :[]%}; never {@code @}. */
  static final byte AUTHORITY = 16;

  private static final byte[] CLASSES = classes();

  private Octets() {}

  private static byte[] classes() {
    byte[] table = new byte[256];
    for (int i = 0; i < 256; i++) {
      if (i == '\t' || (i >= ' ' && i != 0x7f)) {
        table[i] |= VALUE;
      }
      if (i > ' ' && i < 0x7f && "\"<>".indexOf(i) < 0) {
        table[i] |= TARGET;
      }
    }
    String alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    mark(table, alphanumeric + "!#$%&'*+-.^_`|~", TOKEN);
    mark(table, alphanumeric + "-._~!$&'()*+,;=:[]%", AUTHORITY);
    mark(table, "0123456789", DIGIT);
    return table;
  }

  private static void mark(byte[] table, String octets, byte bit) {
    for (byte b : octets.getBytes(StandardCharsets.US_ASCII)) {
      table[b] |= bit;
    }
  }

  static boolean is(byte octet, byte bit) {
    return (CLASSES[octet & 0xff] & bit) != 0;
  }

  /** The first index from {@code from} that is not of the class, or {@code end}. */
  static int span(byte[] bytes, int from, int end, byte bit) {
    byte[] table = CLASSES;
    int i = from;
    while (i < end && (table[bytes[i] & 0xff] & bit) != 0) {
      i++;
    }
    return i;
  }

  static String text(byte[] bytes, int from, int end) {
    return new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
  }

  static boolean equalsIgnoreCase(byte[] bytes, int from, int end, String lowerCase) {
    if (end - from != lowerCase.length()) {
      return false;
    }
    for (int i = 0; i < lowerCase.length(); i++) {
      int b = bytes[from + i];
      if (b >= 'A' && b <= 'Z') {
        b |= 0x20;
      }
      if (b != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
