package io.sluice.plugin.consistenthash;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where in a request a key is looked for. A value is hashed as it was received, undecoded; an empty
 * one counts as absent, lest everybody without a value share an endpoint. Only a header or cookie
 * costs an allocation, that of its text.
 *
 * @param kind what is looked at
 * @param name the header, cookie or parameter meant; empty otherwise
 * @param header the header to look in; unused where there is none
 */
record HashKey(Kind kind, String name, HeaderName header) {

  /** What one may be, to complete "expected: …". */
  static final String EXPECTED = "client-ip, path, header:NAME, cookie:NAME or query:NAME";

  /** What {@link #hash} answers where the request has no such key. */
  static final long ABSENT = 0;

  private static final HeaderName COOKIE = HeaderName.of("Cookie");

  /** A name as it may stand in a query, encoded where need be. */
  private static final Pattern PARAMETER = Pattern.compile("[\\x21-\\x7e&&[^&=#]]+");

  /** What is looked at. */
  enum Kind {
    /** The client's address, without port. */
    CLIENT_IP,
    /** The normalised path, without query. */
    PATH,
    /** The first line of a header. */
    HEADER,
    /** The first cookie of a name (RFC 6265 §5.4). */
    COOKIE,
    /** The first parameter of a name in the query. */
    QUERY
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  static HashKey of(String text) {
    int colon = text.indexOf(':');
    String name = text.substring(colon + 1);
    switch (colon < 0 ? text : text.substring(0, colon + 1)) {
      case "client-ip":
        return new HashKey(Kind.CLIENT_IP, "", COOKIE);
      case "path":
        return new HashKey(Kind.PATH, "", COOKIE);
      case "header:":
        if (HeaderName.isToken(name)) {
          return new HashKey(Kind.HEADER, name, HeaderName.of(name));
        }
        break;
      case "cookie:":
        if (HeaderName.isToken(name)) {
          return new HashKey(Kind.COOKIE, name, COOKIE);
        }
        break;
      case "query:":
        if (PARAMETER.matcher(name).matches()) {
          return new HashKey(Kind.QUERY, name, COOKIE);
        }
        break;
      default:
        break;
    }
    throw new IllegalArgumentException("\"" + text + "\" is not a key");
  }

  /** The hash of the request's key, or {@link #ABSENT}. */
  long hash(PickRequest pick) {
    if (kind == Kind.CLIENT_IP) {
      return whole(pick.clientIp());
    }
    RequestHead request = pick.request();
    if (request == null) {
      return ABSENT;
    }
    return switch (kind) {
      case PATH -> whole(request.path());
      case HEADER -> whole(request.headers().get(header));
      case COOKIE -> cookie(request);
      default -> member(request.query(), '&');
    };
  }

  private static long whole(@Nullable String text) {
    return text == null ? ABSENT : part(text, 0, text.length());
  }

  private static long part(String text, int from, int to) {
    if (from >= to) {
      return ABSENT;
    }
    long hash = XxHash64.hash(text, from, to, 0);
    return hash == ABSENT ? 1 : hash;
  }

  private long cookie(RequestHead request) {
    String first = request.headers().get(header);
    long hash = member(first, ';');
    if (hash != ABSENT || first == null) {
      return hash;
    }
    // One line is the rule (RFC 6265 §5.4). Without the cookie in it, look whether there are more.
    List<String> lines = request.headers().all(header);
    for (int i = 1; i < lines.size() && hash == ABSENT; i++) {
      hash = member(lines.get(i), ';');
    }
    return hash;
  }

  /** The hash of the value of the first {@code name=value} that has a value. */
  private long member(@Nullable String text, char separator) {
    if (text == null) {
      return ABSENT;
    }
    int end;
    for (int at = 0; at < text.length(); at = end + 1) {
      end = text.indexOf(separator, at);
      if (end < 0) {
        end = text.length();
      }
      int start = at;
      while (start < end && text.charAt(start) == ' ') {
        start++;
      }
      int value = start + name.length() + 1;
      if (value < end
          && text.charAt(value - 1) == '='
          && text.regionMatches(start, name, 0, name.length())) {
        return part(text, value, withoutSpace(text, value, end));
      }
    }
    return ABSENT;
  }

  private static int withoutSpace(String text, int from, int to) {
    int end = to;
    while (end > from && text.charAt(end - 1) == ' ') {
      end--;
    }
    return end;
  }
}
