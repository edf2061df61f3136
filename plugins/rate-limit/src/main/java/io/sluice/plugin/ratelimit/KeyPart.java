package io.sluice.plugin.ratelimit;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import java.util.List;

/**
 * One part of what a bucket is kept for.
 *
 * @param kind what is looked at
 * @param name the header or cookie meant; empty for other kinds
 */
record KeyPart(Kind kind, String name) {

  /** What one may be, to complete "expected: …". */
  static final String EXPECTED = "client-ip, path, host, route, header:NAME or cookie:NAME";

  private static final HeaderName COOKIE = HeaderName.of("Cookie");

  /** What is looked at. */
  enum Kind {
    /** The client's address; of an IPv6 address the network. */
    CLIENT_IP,
    /** The normalised path. */
    PATH,
    /** The host asked for. */
    HOST,
    /** The route that matched. */
    ROUTE,
    /** The first line of a header. */
    HEADER,
    /** The first cookie of a name. */
    COOKIE
  }

  /**
   * Reads one part.
   *
   * @throws IllegalArgumentException when it is none
   */
  static KeyPart of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? "" : text.substring(colon + 1);
    String kind = colon < 0 ? text : text.substring(0, colon);
    if (colon >= 0 && HeaderName.isToken(name)) {
      switch (kind) {
        case "header":
          return new KeyPart(Kind.HEADER, name);
        case "cookie":
          return new KeyPart(Kind.COOKIE, name);
        default:
          break;
      }
    }
    return switch (text) {
      case "client-ip" -> new KeyPart(Kind.CLIENT_IP, "");
      case "path" -> new KeyPart(Kind.PATH, "");
      case "host" -> new KeyPart(Kind.HOST, "");
      case "route" -> new KeyPart(Kind.ROUTE, "");
      default -> throw new IllegalArgumentException("\"" + text + "\" is not a key");
    };
  }

  /** The value of the first cookie of that name (RFC 6265 §5.4), or an empty text. */
  static String cookie(Headers headers, String name) {
    List<String> lines = headers.all(COOKIE);
    for (String line : lines) {
      int at = 0;
      while (at < line.length()) {
        int semicolon = line.indexOf(';', at);
        int end = semicolon < 0 ? line.length() : semicolon;
        int equals = line.indexOf('=', at);
        if (equals >= 0 && equals < end && line.substring(at, equals).strip().equals(name)) {
          return line.substring(equals + 1, end).strip();
        }
        at = end + 1;
      }
    }
    return "";
  }
}
