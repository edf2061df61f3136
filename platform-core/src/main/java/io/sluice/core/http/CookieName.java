package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Finds the cookies of one name in a header section (RFC 6265 §4.2.1, in any number of lines), and
 * writes those of other names. Allocates nothing. Immutable.
 */
public final class CookieName {

  /** Where to begin, and that there is none. */
  public static final long NONE = -1;

  private static final byte[] FIELD = "Cookie: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SEPARATOR = {';', ' '};
  private static final byte[] LINE_END = {'\r', '\n'};

  private final byte[] name;

  /** The cookies called {@code name}, which is a token. */
  public CookieName(String name) {
    this.name = name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The next cookie.
   *
   * @param after the answer before, or {@link #NONE} for the first
   * @return where its value stands, for {@link #start} and {@link #end}; or {@link #NONE}
   */
  public long find(ByteHeaders headers, long after) {
    int line = headers.find(Known.COOKIE);
    int from = -1;
    if (after != NONE) {
      while (line >= 0 && !holds(headers, line, start(after))) {
        line = headers.find(Known.COOKIE, line + 1);
      }
      from = end(after);
    }
    while (line >= 0) {
      int end = headers.valueEnd(line);
      int pair = from < 0 ? headers.valueStart(line) : next(headers, from, end);
      while (pair < end) {
        int pairEnd = pairEnd(headers, pair, end);
        int value = value(headers, pair, pairEnd);
        if (value >= 0) {
          return (long) value << 32 | trimmed(headers, value, pairEnd);
        }
        pair = next(headers, pairEnd, end);
      }
      line = headers.find(Known.COOKIE, line + 1);
      from = -1;
    }
    return NONE;
  }

  private static boolean holds(ByteHeaders headers, int line, int at) {
    return headers.valueStart(line) <= at && at <= headers.valueEnd(line);
  }

  /** Where the value begins that {@link #find} found. */
  public static int start(long found) {
    return (int) (found >>> 32);
  }

  /** Where it ends. */
  public static int end(long found) {
    return (int) found;
  }

  /** Writes one Cookie line with the pairs of other names, unless there are none. */
  void writeOthers(ByteBuf out, ByteHeaders headers) {
    boolean begun = false;
    for (int line = headers.find(Known.COOKIE);
        line >= 0;
        line = headers.find(Known.COOKIE, line + 1)) {
      int end = headers.valueEnd(line);
      int pair = headers.valueStart(line);
      while (pair < end) {
        int pairEnd = pairEnd(headers, pair, end);
        int first = first(headers, pair, pairEnd);
        int last = trimmed(headers, first, pairEnd);
        if (first < last && value(headers, pair, pairEnd) < 0) {
          out.writeBytes(begun ? SEPARATOR : FIELD);
          out.writeBytes(headers.bytes, first, last - first);
          begun = true;
        }
        pair = next(headers, pairEnd, end);
      }
    }
    if (begun) {
      out.writeBytes(LINE_END);
    }
  }

  private static int next(ByteHeaders headers, int pairEnd, int end) {
    int semicolon = pairEnd(headers, pairEnd, end);
    return semicolon < end ? semicolon + 1 : end;
  }

  private static int pairEnd(ByteHeaders headers, int from, int end) {
    int at = from;
    while (at < end && headers.bytes[at] != ';') {
      at++;
    }
    return at;
  }

  private static int first(ByteHeaders headers, int from, int end) {
    int at = from;
    while (at < end && ByteHeaders.isSpace(headers.bytes[at])) {
      at++;
    }
    return at;
  }

  private static int trimmed(ByteHeaders headers, int from, int end) {
    int at = end;
    while (at > from && ByteHeaders.isSpace(headers.bytes[at - 1])) {
      at--;
    }
    return at;
  }

  /** Where the value of the pair begins if the pair has the name, or −1. */
  private int value(ByteHeaders headers, int from, int end) {
    int at = first(headers, from, end);
    if (end - at <= name.length || headers.bytes[at + name.length] != '=') {
      return -1;
    }
    for (int i = 0; i < name.length; i++) {
      if (headers.bytes[at + i] != name[i]) {
        return -1;
      }
    }
    return at + name.length + 1;
  }
}
