package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A header section kept as the octets it came in, with an index of its lines. Edits append octets
 * and change the index; writing copies runs of adjacent lines at once. Reused from message to
 * message on one connection; belongs to that connection's event loop.
 */
public final class ByteHeaders implements Headers {

  private static final int STRIDE = 5;
  private static final int NAME_LENGTH = 1;
  private static final int VALUE = 2;
  private static final int VALUE_END = 3;
  private static final int END = 4;

  byte[] bytes = new byte[1024];
  int used;

  /** Where the octets that came with the message end; what was set here stands behind. */
  int received;

  private int[] lines = new int[24 * STRIDE];
  private byte[] known = new byte[24];
  private int count;
  private long present;

  /** Forgets every line; keeps the memory, up to 16 KiB of it. */
  public void clear() {
    if (bytes.length > 16 * 1024) {
      bytes = new byte[1024];
    }
    used = 0;
    received = 0;
    count = 0;
    present = 0;
  }

  void ensure(int more) {
    if (bytes.length - used < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + more));
    }
  }

  /** Indexes a line whose octets, line end included, stand in {@link #bytes}. */
  int index(int start, int nameLength, int value, int valueEnd, int end) {
    int id = Known.of(bytes, start, nameLength);
    insert(count, start, nameLength, value, valueEnd, end, id);
    return id;
  }

  private void insert(int at, int start, int nameLength, int value, int valueEnd, int end, int id) {
    if (count == known.length) {
      known = Arrays.copyOf(known, count * 2);
      lines = Arrays.copyOf(lines, lines.length * 2);
    }
    if (at < count) {
      System.arraycopy(known, at, known, at + 1, count - at);
      System.arraycopy(lines, at * STRIDE, lines, (at + 1) * STRIDE, (count - at) * STRIDE);
    }
    int base = at * STRIDE;
    lines[base] = start;
    lines[base + NAME_LENGTH] = nameLength;
    lines[base + VALUE] = value;
    lines[base + VALUE_END] = valueEnd;
    lines[base + END] = end;
    known[at] = (byte) id;
    count++;
    present |= 1L << id;
  }

  private void drop(int at) {
    count--;
    System.arraycopy(known, at + 1, known, at, count - at);
    System.arraycopy(lines, (at + 1) * STRIDE, lines, at * STRIDE, (count - at) * STRIDE);
  }

  /** Whether a line with a {@link Known} index may be there; false is certain. */
  public boolean has(int id) {
    return (present & (1L << id)) != 0 && find(id) >= 0;
  }

  /** The place of the first line with a {@link Known} index, or −1. */
  int find(int id) {
    return find(id, 0);
  }

  int find(int id, int from) {
    if ((present & (1L << id)) == 0) {
      return -1;
    }
    for (int i = from; i < count; i++) {
      if (known[i] == id) {
        return i;
      }
    }
    return -1;
  }

  private int find(HeaderName name, int from) {
    byte[] octets = bytes;
    int length = name.length();
    for (int i = from; i < count; i++) {
      int base = i * STRIDE;
      if (lines[base + NAME_LENGTH] == length && name.matches(octets, lines[base])) {
        return i;
      }
    }
    return -1;
  }

  int valueStart(int at) {
    return lines[at * STRIDE + VALUE];
  }

  int valueEnd(int at) {
    return lines[at * STRIDE + VALUE_END];
  }

  String value(int at) {
    return Octets.text(bytes, valueStart(at), valueEnd(at));
  }

  /** The value of the first line with a {@link Known} index, or null. */
  public @Nullable String get(int id) {
    int at = find(id);
    return at < 0 ? null : value(at);
  }

  /** One octet, at a place that {@link CookieName#find} answered. */
  public byte octet(int at) {
    return bytes[at];
  }

  /** Removes every line whose {@link Known} index is in {@code mask}. */
  public void removeAll(long mask) {
    if ((present & mask) == 0) {
      return;
    }
    for (int i = count - 1; i >= 0; i--) {
      if (((1L << known[i]) & mask) != 0) {
        drop(i);
      }
    }
    present &= ~mask;
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public @Nullable String get(HeaderName name) {
    int at = find(name, 0);
    return at < 0 ? null : value(at);
  }

  @Override
  public List<String> all(HeaderName name) {
    List<String> values = new ArrayList<>();
    for (int at = find(name, 0); at >= 0; at = find(name, at + 1)) {
      values.add(value(at));
    }
    return values;
  }

  @Override
  public boolean contains(HeaderName name) {
    return find(name, 0) >= 0;
  }

  @Override
  public boolean containsToken(HeaderName name, String token) {
    String lower = token.toLowerCase(Locale.ROOT);
    for (int at = find(name, 0); at >= 0; at = find(name, at + 1)) {
      if (listContains(valueStart(at), valueEnd(at), lower)) {
        return true;
      }
    }
    return false;
  }

  boolean listContains(int from, int end, String lowerCase) {
    int start = from;
    while (start <= end) {
      int comma = start;
      while (comma < end && bytes[comma] != ',') {
        comma++;
      }
      int first = start;
      int last = comma;
      while (first < last && isSpace(bytes[first])) {
        first++;
      }
      while (last > first && isSpace(bytes[last - 1])) {
        last--;
      }
      if (Octets.equalsIgnoreCase(bytes, first, last, lowerCase)) {
        return true;
      }
      start = comma + 1;
    }
    return false;
  }

  static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  @Override
  public Headers set(HeaderName name, String value) {
    int at = find(name, 0);
    if (at < 0) {
      return add(name, value);
    }
    int start = append(name, value);
    for (int extra = find(name, at + 1); extra >= 0; extra = find(name, extra)) {
      drop(extra);
    }
    int id = known[at];
    drop(at);
    insert(at, start, name.length(), start + name.length() + 2, used - 2, used, id);
    return this;
  }

  @Override
  public Headers add(HeaderName name, String value) {
    int start = append(name, value);
    insert(
        count,
        start,
        name.length(),
        start + name.length() + 2,
        used - 2,
        used,
        Known.of(bytes, start, name.length()));
    return this;
  }

  /** Appends the octets of a line; answers where they begin. */
  private int append(HeaderName name, String value) {
    checkValue(value);
    String text = name.toString();
    ensure(text.length() + value.length() + 4);
    int start = used;
    int to = put(text, start);
    bytes[to++] = ':';
    bytes[to++] = ' ';
    to = put(value, to);
    bytes[to++] = '\r';
    bytes[to++] = '\n';
    used = to;
    return start;
  }

  @SuppressWarnings("deprecation") // the low octets of a text that was checked to have no others
  private int put(String text, int to) {
    text.getBytes(0, text.length(), bytes, to);
    return to + text.length();
  }

  private static void checkValue(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c > 0xff || !Octets.is((byte) c, Octets.VALUE)) {
        throw new IllegalArgumentException(
            "not allowed in a header value: U+%04X".formatted((int) c));
      }
    }
  }

  @Override
  public boolean remove(HeaderName name) {
    int at = find(name, 0);
    if (at < 0) {
      return false;
    }
    for (; at >= 0; at = find(name, at)) {
      drop(at);
    }
    return true;
  }

  @Override
  public void forEach(Visitor visitor) {
    for (int i = 0; i < count; i++) {
      int base = i * STRIDE;
      int start = lines[base];
      visitor.line(Octets.text(bytes, start, start + lines[base + NAME_LENGTH]), value(i));
    }
  }

  /** Takes over every line of {@code other}. */
  public void copyFrom(ByteHeaders other) {
    clear();
    ensure(other.used);
    System.arraycopy(other.bytes, 0, bytes, 0, other.used);
    used = other.used;
    received = other.received;
    if (known.length < other.count) {
      known = new byte[other.known.length];
      lines = new int[other.lines.length];
    }
    System.arraycopy(other.known, 0, known, 0, other.count);
    System.arraycopy(other.lines, 0, lines, 0, other.count * STRIDE);
    count = other.count;
    present = other.present;
  }

  /** No fewer octets than {@link #write} writes, unless lines were written over. */
  public int roomNeeded() {
    return used + 2;
  }

  /**
   * Writes the lines, without the empty line that ends a section.
   *
   * @param except a mask of {@link Known} indexes to leave out
   * @param named further names to leave out of what was received, in lower case; usually null
   */
  public void write(ByteBuf out, long except, @Nullable List<String> named) {
    boolean everything = (present & except) == 0 && named == null;
    int runStart = 0;
    int runEnd = 0;
    for (int i = 0; i < count; i++) {
      int base = i * STRIDE;
      if (!everything && leftOut(i, base, except, named)) {
        continue;
      }
      if (lines[base] != runEnd) {
        if (runEnd > runStart) {
          out.writeBytes(bytes, runStart, runEnd - runStart);
        }
        runStart = lines[base];
      }
      runEnd = lines[base + END];
    }
    if (runEnd > runStart) {
      out.writeBytes(bytes, runStart, runEnd - runStart);
    }
  }

  private boolean leftOut(int at, int base, long except, @Nullable List<String> named) {
    if ((except & (1L << known[at])) != 0) {
      return true;
    }
    int start = lines[base];
    if (named == null || start >= received) {
      return false;
    }
    for (String name : named) {
      if (Octets.equalsIgnoreCase(bytes, start, start + lines[base + NAME_LENGTH], name)) {
        return true;
      }
    }
    return false;
  }

  /** The lines as text, for messages and tests. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    return text.toString();
  }
}
