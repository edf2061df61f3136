package io.sluice.core.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may call. A Host that is neither an IP literal nor a known name is refused, since a
 * page whose name was pointed here would send its own (DNS rebinding); an Origin that is not the
 * Host is refused, since a page from elsewhere sends its own (CSRF). Tokens are compared by their
 * digests, in constant time.
 */
final class AdminGuard {

  /** The cookie that may carry the token instead of the Authorization field. */
  static final String COOKIE = "sluice-admin";

  private static final String BEARER = "bearer ";

  private final List<String> hosts;
  private final @Nullable String bindHost;
  private final byte @Nullable [] tokenDigest;

  AdminGuard(AdminConfig config) {
    hosts = config.hosts();
    bindHost = config.bind() == null ? null : config.bind().host();
    tokenDigest = config.token() == null ? null : digest(config.token());
  }

  /** Checks Host and Origin; null lets the call pass. */
  @Nullable Answer origin(HttpHeaders headers) {
    List<String> lines = headers.getAll(HttpHeaderNames.HOST);
    @Nullable Authority host = lines.size() == 1 ? Authority.parse(lines.get(0)) : null;
    if (host == null) {
      return Answer.fault(400, "exactly one valid Host field is needed");
    }
    if (!isKnown(host.name())) {
      return Answer.fault(
          403, "the admin API does not answer to this Host; admin.hosts names those it does");
    }
    for (String origin : headers.getAll(HttpHeaderNames.ORIGIN)) {
      if (!host.isOrigin(origin)) {
        return Answer.fault(403, "calls from pages of another origin are refused");
      }
    }
    return null;
  }

  /** Checks the token; null lets the call pass. */
  @Nullable Answer token(HttpHeaders headers) {
    if (tokenDigest == null || isToken(bearer(headers)) || isToken(cookie(headers))) {
      return null;
    }
    return Answer.fault(401, "the admin token is missing or wrong")
        .with("www-authenticate", "Bearer realm=\"sluice\"");
  }

  private boolean isKnown(String name) {
    return name.equals("localhost")
        || name.equals(bindHost)
        || NetUtil.isValidIpV4Address(name)
        || NetUtil.isValidIpV6Address(name)
        || hosts.stream().anyMatch(host -> matches(host, name));
  }

  private static boolean matches(String pattern, String name) {
    return pattern.startsWith("*.")
        ? name.length() >= pattern.length() && name.endsWith(pattern.substring(1))
        : name.equals(pattern);
  }

  private boolean isToken(@Nullable String shown) {
    return shown != null && MessageDigest.isEqual(digest(shown), tokenDigest);
  }

  private static @Nullable String bearer(HttpHeaders headers) {
    @Nullable String value = headers.get(HttpHeaderNames.AUTHORIZATION);
    return value != null && value.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? value.substring(BEARER.length()).strip()
        : null;
  }

  private static @Nullable String cookie(HttpHeaders headers) {
    for (String line : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (Cookie cookie : ServerCookieDecoder.STRICT.decodeAll(line)) {
        if (cookie.name().equals(COOKIE)) {
          return cookie.value();
        }
      }
    }
    return null;
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * Host and port of a Host field or an origin.
   *
   * @param name lower case, an IPv6 literal without brackets
   * @param port −1 when it is not written
   */
  record Authority(String name, int port) {

    static @Nullable Authority parse(String text) {
      String lower = text.toLowerCase(Locale.ROOT);
      boolean hasPort = lower.lastIndexOf(':') > lower.lastIndexOf(']');
      @Nullable BindAddress address = BindAddress.parse(hasPort ? lower : lower + ":0");
      if (address == null || address.host().isEmpty()) {
        return null;
      }
      return new Authority(address.host(), hasPort ? address.port() : -1);
    }

    /** Whether {@code origin}, as browsers write it, is here. */
    boolean isOrigin(String origin) {
      boolean secure = origin.startsWith("https://");
      if (!secure && !origin.startsWith("http://")) {
        return false;
      }
      @Nullable Authority other = parse(origin.substring(secure ? 8 : 7));
      int standard = secure ? 443 : 80;
      return other != null
          && other.name().equals(name)
          && other.portOr(standard) == portOr(standard);
    }

    private int portOr(int standard) {
      return port < 0 ? standard : port;
    }
  }
}
