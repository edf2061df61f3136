package io.sluice.plugin.healthchecktcp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Octets written as text. Behind {@code hex:} stand pairs of hexadecimal digits, spaces between
 * them as one likes; anything else is UTF-8 with the escapes {@code \r \n \t \0 \\} and {@code
 * \xHH}.
 */
final class Octets {

  /** What a text may be, to complete "expected: …". */
  static final String EXPECTED = "text with the escapes \\r \\n \\t \\0 \\\\ \\xHH, or hex:0AFF";

  private static final String HEX = "hex:";

  private Octets() {}

  /**
   * The octets that {@code text} stands for.
   *
   * @throws IllegalArgumentException for a broken escape or hexadecimal number
   */
  static byte[] of(String text) {
    return text.startsWith(HEX) ? ofHex(text.substring(HEX.length())) : ofEscaped(text);
  }

  private static byte[] ofHex(String text) {
    String digits = text.replace(" ", "");
    if (digits.length() % 2 != 0) {
      throw new IllegalArgumentException("an odd number of hexadecimal digits");
    }
    byte[] octets = new byte[digits.length() / 2];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = hexPair(digits, 2 * i);
    }
    return octets;
  }

  private static byte[] ofEscaped(String text) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    int at = 0;
    while (at < text.length()) {
      int escape = text.indexOf('\\', at);
      int end = escape < 0 ? text.length() : escape;
      octets.writeBytes(text.substring(at, end).getBytes(StandardCharsets.UTF_8));
      at = end;
      if (at < text.length()) {
        at = escape(text, at, octets);
      }
    }
    return octets.toByteArray();
  }

  /** Writes the octet of the escape at {@code at} and answers where the text goes on. */
  private static int escape(String text, int at, ByteArrayOutputStream octets) {
    if (at + 1 == text.length()) {
      throw new IllegalArgumentException("a lone \\ at the end");
    }
    char kind = text.charAt(at + 1);
    if (kind == 'x') {
      octets.write(hexPair(text, at + 2));
      return at + 4;
    }
    switch (kind) {
      case 'r' -> octets.write('\r');
      case 'n' -> octets.write('\n');
      case 't' -> octets.write('\t');
      case '0' -> octets.write(0);
      case '\\' -> octets.write('\\');
      default -> throw new IllegalArgumentException("unknown escape \\" + kind);
    }
    return at + 2;
  }

  private static byte hexPair(String text, int at) {
    int high = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
    int low = at + 1 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
    if (high < 0 || low < 0) {
      throw new IllegalArgumentException("not two hexadecimal digits");
    }
    return (byte) (high << 4 | low);
  }
}
