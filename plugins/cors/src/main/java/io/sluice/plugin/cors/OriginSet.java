package io.sluice.plugin.cors;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A set of origins (RFC 6454 §6.2), compared octet by octet as the Fetch standard asks: listed
 * ones, those below a domain, the opaque {@code null}, or all. Never a regular expression: an
 * unescaped dot or a missing anchor there lets strangers in. Immutable.
 */
final class OriginSet {

  /** What one origin may be, to complete "expected: …". */
  static final String EXPECTED =
      "an origin such as https://app.example.com or https://*.example.com, null, or *";

  private static final String NULL = "null";
  private static final Pattern ORIGIN =
      Pattern.compile(
          "([a-z][a-z0-9+.-]*)://((?:\\*\\.)?(?:[a-z0-9_-]+\\.)*[a-z0-9_-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");

  private final boolean any;
  private final Set<String> listed;
  private final List<Below> below;

  private OriginSet(boolean any, Set<String> listed, List<Below> below) {
    this.any = any;
    this.listed = Set.copyOf(listed);
    this.below = List.copyOf(below);
  }

  /**
   * Every host below a domain.
   *
   * @param scheme with its {@code ://}
   * @param domain with the dot before it and the port, if any, behind it
   */
  private record Below(String scheme, String domain) {

    boolean contains(String origin) {
      int start = scheme.length();
      int end = origin.length() - domain.length();
      return end > start
          && origin.startsWith(scheme)
          && origin.endsWith(domain)
          && isHostPart(origin, start, end);
    }

    /** One label or several, so that nothing but more of the host stands for the star. */
    private static boolean isHostPart(String origin, int start, int end) {
      boolean labelBegun = false;
      for (int i = start; i < end; i++) {
        char c = origin.charAt(i);
        boolean label = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!label && (c != '.' || !labelBegun)) {
          return false;
        }
        labelBegun = label;
      }
      return labelBegun;
    }
  }

  /** Collects the members. */
  static final class Builder {

    private boolean any;
    private final Set<String> listed = new HashSet<>();
    private final List<Below> below = new ArrayList<>();

    /**
     * Adds one member.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    void add(String text) {
      if (text.equals(CorsConfig.ANY)) {
        any = true;
        return;
      }
      if (text.equals(NULL)) {
        listed.add(NULL);
        return;
      }
      Matcher matcher = ORIGIN.matcher(text.toLowerCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new IllegalArgumentException("\"" + text + "\" is not an origin" + reason(text));
      }
      String scheme = matcher.group(1) + "://";
      String host = matcher.group(2);
      String port = port(scheme, matcher.group(3));
      if (host.startsWith("*.")) {
        if (host.indexOf('.', 2) < 0 && !host.equals("*.localhost")) {
          throw new IllegalArgumentException("\"" + text + "\" covers a whole top-level domain");
        }
        below.add(new Below(scheme, host.substring(1) + port));
      } else {
        listed.add(scheme + host + port);
      }
    }

    private static String reason(String text) {
      int path = text.indexOf('/', Math.max(0, text.indexOf("://") + 3));
      return text.contains("://") && path >= 0 ? ": it has a path" : "";
    }

    /** The port as browsers write it: not at all when it is the scheme's own. */
    private static String port(String scheme, @Nullable String port) {
      if (port == null
          || (scheme.equals("http://") && port.equals(":80"))
          || (scheme.equals("https://") && port.equals(":443"))) {
        return "";
      }
      return port;
    }

    OriginSet build() {
      return new OriginSet(any, listed, below);
    }
  }

  boolean isAny() {
    return any;
  }

  boolean hasNull() {
    return listed.contains(NULL);
  }

  boolean contains(String origin) {
    if (any || listed.contains(origin)) {
      return true;
    }
    for (Below domain : below) {
      if (domain.contains(origin)) {
        return true;
      }
    }
    return false;
  }
}
