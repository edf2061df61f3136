package io.sluice.plugin.accesslogjson;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Builds one JSON object (RFC 8259) with a line feed behind it, in ASCII. Whatever a client sent
 * stays inside its string: quotes, backslashes, control characters and everything beyond ASCII are
 * escaped, so a line is always one line. A value longer than {@link #MAX_VALUE_CHARS} is cut and
 * ends in {@code …}.
 *
 * <p>Used by one thread; the bytes are overwritten by the next line.
 */
final class JsonLine {

  static final int MAX_VALUE_CHARS = 8192;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CUT = "\\u2026".getBytes(StandardCharsets.US_ASCII);

  /** {@code \\u} and four digits, for one char. */
  private static final int LONGEST_ESCAPE = 6;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** A buffer that hostile values blew up is given back. */
  private static final int KEPT_BYTES = 16 * 1024;

  private byte[] bytes = new byte[1024];
  private int length;
  private long nowMillis;

  /** The second that {@code secondText} spells, since most lines share it with the one before. */
  private long second = Long.MIN_VALUE;

  private byte[] secondText = new byte[0];

  /** {@code "name":} as it stands in the line; {@code name} is the configuration's. */
  static byte[] key(String name) {
    JsonLine line = new JsonLine();
    line.quoted(name);
    line.put((byte) ':');
    return Arrays.copyOf(line.bytes, line.length);
  }

  void begin(long nowMillis) {
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[KEPT_BYTES];
    }
    this.nowMillis = nowMillis;
    length = 0;
    put((byte) '{');
  }

  void end() {
    put((byte) '}');
    put((byte) '\n');
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void text(byte[] key, String value) {
    member(key);
    quoted(value);
  }

  void number(byte[] key, long value) {
    member(key);
    digits(value);
  }

  /** A time as milliseconds with three decimals. */
  void millis(byte[] key, long nanos) {
    member(key);
    long micros = Math.max(0, nanos) / 1000;
    digits(micros / 1000);
    put((byte) '.');
    threeDigits((int) (micros % 1000));
  }

  /** The instant {@code agoNanos} before the line was begun (RFC 3339), in UTC. */
  void time(byte[] key, long agoNanos) {
    member(key);
    long millis = nowMillis - agoNanos / NANOS_PER_MILLI;
    long wanted = Math.floorDiv(millis, 1000L);
    if (wanted != second) {
      String text = Instant.ofEpochSecond(wanted).toString();
      secondText = text.substring(0, text.length() - 1).getBytes(StandardCharsets.US_ASCII);
      second = wanted;
    }
    put((byte) '"');
    put(secondText);
    put((byte) '.');
    threeDigits((int) Math.floorMod(millis, 1000L));
    put((byte) 'Z');
    put((byte) '"');
  }

  private void member(byte[] key) {
    if (length > 1) {
      put((byte) ',');
    }
    put(key);
  }

  private void quoted(String value) {
    int chars = Math.min(value.length(), MAX_VALUE_CHARS);
    ensure(LONGEST_ESCAPE * chars + CUT.length + 2);
    byte[] out = bytes;
    int at = length;
    out[at++] = '"';
    for (int i = 0; i < chars; i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
        out[at++] = (byte) c;
      } else {
        at = escape(c, out, at);
      }
    }
    length = at;
    if (chars < value.length()) {
      put(CUT);
    }
    put((byte) '"');
  }

  private static int escape(char c, byte[] out, int start) {
    int at = start;
    out[at++] = '\\';
    switch (c) {
      case '"', '\\' -> out[at++] = (byte) c;
      case '\n' -> out[at++] = 'n';
      case '\r' -> out[at++] = 'r';
      case '\t' -> out[at++] = 't';
      default -> {
        out[at++] = 'u';
        out[at++] = HEX[c >> 12];
        out[at++] = HEX[c >> 8 & 15];
        out[at++] = HEX[c >> 4 & 15];
        out[at++] = HEX[c & 15];
      }
    }
    return at;
  }

  private void digits(long value) {
    if (value < 0) {
      put((byte) '-');
    }
    ensure(20);
    int end = length;
    long rest = value;
    do {
      bytes[end++] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    for (int low = length, high = end - 1; low < high; low++, high--) {
      byte swapped = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = swapped;
    }
    length = end;
  }

  private void threeDigits(int value) {
    put((byte) ('0' + value / 100));
    put((byte) ('0' + value / 10 % 10));
    put((byte) ('0' + value % 10));
  }

  private void put(byte[] some) {
    ensure(some.length);
    System.arraycopy(some, 0, bytes, length, some.length);
    length += some.length;
  }

  private void put(byte one) {
    ensure(1);
    bytes[length++] = one;
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
