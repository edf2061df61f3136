package io.sluice.plugin.ipfilter;

import org.jspecify.annotations.Nullable;

/**
 * Reads address literals strictly: IPv4 as four decimal numbers without leading zeros, which other
 * readers take for octal; IPv6 as RFC 4291 §2.2 writes it, without zone.
 */
final class IpLiteral {

  private IpLiteral() {}

  /** The 4 or 16 octets of a literal, or null when it is none. */
  static byte @Nullable [] parse(String text) {
    return text.indexOf(':') < 0 ? parseV4(text) : parseV6(text);
  }

  private static byte @Nullable [] parseV4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return null;
    }
    byte[] octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      if (!parts[i].matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(parts[i]) > 255) {
        return null;
      }
      octets[i] = (byte) Integer.parseInt(parts[i]);
    }
    return octets;
  }

  private static byte @Nullable [] parseV6(String text) {
    int gap = text.indexOf("::");
    byte[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
    byte[] tail = gap < 0 ? new byte[0] : groups(text.substring(gap + 2), true);
    if (head == null || tail == null) {
      return null;
    }
    int length = head.length + tail.length;
    if (gap < 0 ? length != 16 : length > 14) {
      return null;
    }
    byte[] octets = new byte[16];
    System.arraycopy(head, 0, octets, 0, head.length);
    System.arraycopy(tail, 0, octets, 16 - tail.length, tail.length);
    return octets;
  }

  /** The octets of groups between colons; the last one may be an IPv4 address if {@code atEnd}. */
  private static byte @Nullable [] groups(String text, boolean atEnd) {
    if (text.isEmpty()) {
      return new byte[0];
    }
    String[] groups = text.split(":", -1);
    boolean endsInV4 = atEnd && groups[groups.length - 1].indexOf('.') >= 0;
    int hexGroups = endsInV4 ? groups.length - 1 : groups.length;
    if (groups.length > 8) {
      return null;
    }
    byte[] octets = new byte[2 * hexGroups + (endsInV4 ? 4 : 0)];
    for (int i = 0; i < hexGroups; i++) {
      if (!groups[i].matches("[0-9A-Fa-f]{1,4}")) {
        return null;
      }
      int value = Integer.parseInt(groups[i], 16);
      octets[2 * i] = (byte) (value >> 8);
      octets[2 * i + 1] = (byte) value;
    }
    if (endsInV4) {
      byte[] v4 = parseV4(groups[groups.length - 1]);
      if (v4 == null) {
        return null;
      }
      System.arraycopy(v4, 0, octets, 2 * hexGroups, 4);
    }
    return octets;
  }
}
