package io.sluice.core.http;

import org.jspecify.annotations.Nullable;

/**
 * The line before a chunk: its size and, perhaps, extensions (RFC 9112 §7.1), an octet at a time.
 * The extensions are checked and forgotten.
 */
final class ChunkLine {

  /** As many as a long has; the top bit must be clear as well. */
  private static final int MAX_DIGITS = 16;

  private enum Part {
    NAME_START,
    NAME,
    VALUE_START,
    TOKEN,
    QUOTED,
    QUOTED_PAIR,
    QUOTED_END
  }

  private final int maxExtensionBytes;

  private Part part = Part.NAME_START;
  private int extensionBytes;
  private int digits;
  private long size;

  ChunkLine(int maxExtensionBytes) {
    this.maxExtensionBytes = maxExtensionBytes;
  }

  /** Begins the first line of a message. */
  void begin() {
    extensionBytes = 0;
  }

  /** Begins a line. */
  void beginSize() {
    digits = 0;
    size = 0;
  }

  /** Takes one more digit of the size; answers false when {@code octet} is none or one too many. */
  boolean digit(byte octet) {
    int value = hex(octet);
    if (value < 0 || digits == MAX_DIGITS || size > Long.MAX_VALUE >> 4) {
      return false;
    }
    size = size << 4 | value;
    digits++;
    return true;
  }

  /** Whether there is a size. */
  boolean sized() {
    return digits > 0;
  }

  long size() {
    return size;
  }

  /** Begins the name of an extension, its semicolon being read. */
  void beginExtension() {
    extensionBytes++;
    part = Part.NAME_START;
  }

  /** Whether the extensions so far are complete. */
  boolean extensionMayEnd() {
    return part == Part.NAME || part == Part.TOKEN || part == Part.QUOTED_END;
  }

  /** Takes one octet of the extensions; answers false when it is wrong or beyond the bound. */
  boolean extension(byte octet) {
    if (++extensionBytes > maxExtensionBytes) {
      return false;
    }
    Part next = next(octet & 0xff);
    if (next == null) {
      return false;
    }
    part = next;
    return true;
  }

  /** The part behind {@code octet}, or null when it may not stand here. */
  private @Nullable Part next(int octet) {
    return switch (part) {
      case NAME_START -> isToken(octet) ? Part.NAME : null;
      case NAME -> octet == '=' ? Part.VALUE_START : tokenOrNext(octet, Part.NAME);
      case VALUE_START -> octet == '"' ? Part.QUOTED : isToken(octet) ? Part.TOKEN : null;
      case TOKEN -> tokenOrNext(octet, Part.TOKEN);
      case QUOTED -> quoted(octet);
      case QUOTED_PAIR -> isText(octet) ? Part.QUOTED : null;
      case QUOTED_END -> octet == ';' ? Part.NAME_START : null;
    };
  }

  private static @Nullable Part tokenOrNext(int octet, Part same) {
    return octet == ';' ? Part.NAME_START : isToken(octet) ? same : null;
  }

  private static @Nullable Part quoted(int octet) {
    if (octet == '"') {
      return Part.QUOTED_END;
    }
    return octet == '\\' ? Part.QUOTED_PAIR : isText(octet) ? Part.QUOTED : null;
  }

  private static boolean isToken(int octet) {
    return Octets.is((byte) octet, Octets.TOKEN);
  }

  private static boolean isText(int octet) {
    return Octets.is((byte) octet, Octets.VALUE);
  }

  private static int hex(byte octet) {
    if (octet >= '0' && octet <= '9') {
      return octet - '0';
    }
    int lower = octet | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
}
