package io.sluice.core.http;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Brings the path of a request into one spelling before anything looks at it (RFC 3986 §6.2.2), and
 * refuses spellings that a proxy and an endpoint are known to read differently.
 *
 * <p>Dot segments are removed, escaped unreserved octets are decoded, the hex digits of the other
 * escapes become upper case. An escaped slash never separates; it is kept or refused. Empty
 * segments ({@code //}) stay.
 *
 * <p>Refused are: dot segments that are escaped, that carry parameters ({@code ..;x}) or that hide
 * behind an escaped slash; more dot segments than there is path to leave; backslashes, escaped ones
 * too; NUL and the other control octets, raw and escaped; raw space, {@code #}, {@code ?} and
 * octets above 0x7E; escapes that are not two hex digits; and overlong UTF-8.
 */
public final class PathNormalizer {

  private static final byte PLAIN = 0;
  private static final byte LOOK = 1;
  private static final byte REFUSED = 2;
  private static final byte[] CLASSES = classes();

  private PathNormalizer() {}

  private static byte[] classes() {
    byte[] classes = new byte[256];
    for (int c = 0; c < 256; c++) {
      classes[c] = c <= ' ' || c >= 0x7f ? REFUSED : PLAIN;
    }
    classes['\\'] = REFUSED;
    classes['#'] = REFUSED;
    classes['?'] = REFUSED;
    classes['%'] = LOOK;
    classes[';'] = LOOK;
    return classes;
  }

  /**
   * The one spelling of {@code path}, which is {@code path} itself when it is in it already.
   *
   * @param path what stands before the first question mark of the target, one char per octet
   * @param keepEncodedSlash whether {@code %2F} is kept; otherwise it is refused
   * @return the normalised path, or null when the request must be answered with 400
   */
  public static @Nullable String normalize(String path, boolean keepEncodedSlash) {
    int length = path.length();
    if (length == 0 || path.charAt(0) != '/') {
      return null;
    }
    byte[] classes = CLASSES;
    char previous = 0;
    for (int i = 0; i < length; i++) {
      char c = path.charAt(i);
      if (c > 0x7e || classes[c] != PLAIN || (c == '.' && previous == '/')) {
        return new Rewriter(path, keepEncodedSlash).rewrite();
      }
      previous = c;
    }
    return path;
  }

  /** Rewrites one path, a segment at a time. */
  private static final class Rewriter {

    private final String path;
    private final boolean keepEncodedSlash;
    private final char[] out;
    private int length;

    /** Where in {@link #out} the piece begins that must not be a dot segment. */
    private int pieceStart;

    /** Whether the segment has anything but plain chars, so that it may not be a dot segment. */
    private boolean disguised;

    Rewriter(String path, boolean keepEncodedSlash) {
      this.path = path;
      this.keepEncodedSlash = keepEncodedSlash;
      this.out = new char[path.length()];
    }

    @Nullable String rewrite() {
      int at = 0;
      int end = path.length();
      while (at < end) {
        int segmentStart = length;
        out[length++] = '/';
        at = segment(at + 1);
        if (at < 0) {
          return null;
        }
        int dots = disguised ? 0 : dots(segmentStart + 1);
        if (dots > 0 && !leave(segmentStart, dots, at == end)) {
          return null;
        }
      }
      if (length == path.length() && sameAsPath()) {
        return path;
      }
      return new String(out, 0, length);
    }

    /** Takes the dot segment back; answers whether there was a segment for it to remove. */
    private boolean leave(int segmentStart, int dots, boolean last) {
      length = segmentStart;
      if (dots == 2) {
        if (length == 0) {
          return false;
        }
        do {
          length--;
        } while (out[length] != '/');
      }
      if (last) {
        out[length++] = '/';
      }
      return true;
    }

    /** Copies the segment that begins at {@code at}; answers where it ends, or -1 to refuse. */
    private int segment(int at) {
      pieceStart = length;
      disguised = false;
      int i = at;
      while (i < path.length()) {
        char c = path.charAt(i);
        if (c == '/') {
          break;
        }
        if (c > 0x7e || CLASSES[c] == REFUSED) {
          return -1;
        }
        if (c == '%') {
          if (!escape(i)) {
            return -1;
          }
          i += 3;
        } else {
          if (c == ';' && !endPiece()) {
            return -1;
          }
          out[length++] = c;
          if (c == ';') {
            pieceStart = length;
          }
          i++;
        }
      }
      return disguised && dots(pieceStart) > 0 ? -1 : i;
    }

    /** Ends a piece of a segment before a separator that some endpoints see there. */
    private boolean endPiece() {
      disguised = true;
      return dots(pieceStart) == 0;
    }

    /** Copies or decodes the escape at {@code at}; answers false to refuse. */
    private boolean escape(int at) {
      int octet = octetAt(at);
      if (octet < ' ' || octet == 0x7f || octet == '\\' || isOverlong(octet, at)) {
        return false;
      }
      disguised = true;
      if (isUnreserved(octet)) {
        out[length++] = (char) octet;
        return true;
      }
      boolean separates = octet == '/' || octet == ';';
      if (separates && (!endPiece() || (octet == '/' && !keepEncodedSlash))) {
        return false;
      }
      out[length++] = '%';
      out[length++] = upperCase(path.charAt(at + 1));
      out[length++] = upperCase(path.charAt(at + 2));
      if (separates) {
        pieceStart = length;
      }
      return true;
    }

    /** Whether {@code octet} begins a UTF-8 sequence longer than its code point needs. */
    private boolean isOverlong(int octet, int at) {
      int limit =
          octet == 0xc0 || octet == 0xc1 ? 0xbf : octet == 0xe0 ? 0x9f : octet == 0xf0 ? 0x8f : 0;
      if (limit == 0) {
        return false;
      }
      int next = octetAt(at + 3);
      return next >= 0x80 && next <= limit;
    }

    /** The octet escaped at {@code at}, or -1 when no valid escape stands there. */
    private int octetAt(int at) {
      if (at + 2 >= path.length() || path.charAt(at) != '%') {
        return -1;
      }
      char high = path.charAt(at + 1);
      char low = path.charAt(at + 2);
      if (!HexFormat.isHexDigit(high) || !HexFormat.isHexDigit(low)) {
        return -1;
      }
      return HexFormat.fromHexDigit(high) << 4 | HexFormat.fromHexDigit(low);
    }

    /** 1 or 2 when what was written since {@code from} is that many dots and nothing else. */
    private int dots(int from) {
      int count = length - from;
      if (count < 1 || count > 2 || out[from] != '.' || out[length - 1] != '.') {
        return 0;
      }
      return count;
    }

    private boolean sameAsPath() {
      for (int i = 0; i < length; i++) {
        if (out[i] != path.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    private static boolean isUnreserved(int octet) {
      return (octet >= 'a' && octet <= 'z')
          || (octet >= 'A' && octet <= 'Z')
          || (octet >= '0' && octet <= '9')
          || octet == '-'
          || octet == '.'
          || octet == '_'
          || octet == '~';
    }

    private static char upperCase(char hex) {
      return hex >= 'a' ? (char) (hex - 0x20) : hex;
    }
  }
}
