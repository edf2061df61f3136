package io.sluice.core.upstream;

import io.netty.util.NetUtil;
import io.sluice.core.http.PathNormalizer;
import java.util.Locale;
import java.util.Objects;

/**
 * Where an endpoint is: {@code 10.0.0.1:9090}, {@code [::1]:80}, {@code app.internal:8080}, {@code
 * http://host:port/path}, {@code https://host/path} or {@code unix:/run/app.sock}.
 *
 * @param host host name in lower case, address literal without brackets, or the path of a socket
 * @param port 1 to 65,535; 0 for a Unix-domain socket
 * @param basePath the path of the URL without a trailing slash; empty when there is none
 * @param secure whether the URL's scheme is https
 */
public record EndpointAddress(String host, int port, String basePath, boolean secure) {

  /** What {@link #parse} accepts, for messages. */
  public static final String EXPECTED =
      "host:port, [v6]:port, http(s)://host:port/path or unix:/path";

  /** Checks nothing. */
  public EndpointAddress {
    Objects.requireNonNull(host);
  }

  /** An address without a scheme. */
  public EndpointAddress(String host, int port, String basePath) {
    this(host, port, basePath, false);
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static EndpointAddress parse(String text) {
    if (text.startsWith("unix:")) {
      String path = text.substring(5);
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("the path of a Unix-domain socket begins with a slash");
      }
      return new EndpointAddress(path, 0, "", false);
    }
    String rest = text;
    int defaultPort = -1;
    boolean secure = text.regionMatches(true, 0, "https://", 0, 8);
    if (text.regionMatches(true, 0, "http://", 0, 7)) {
      rest = text.substring(7);
      defaultPort = 80;
    } else if (secure) {
      rest = text.substring(8);
      defaultPort = 443;
    } else if (text.contains("://")) {
      throw new IllegalArgumentException("unknown scheme");
    }
    int slash = rest.indexOf('/');
    if (slash >= 0 && defaultPort < 0) {
      throw new IllegalArgumentException("a path needs a URL: http://" + text);
    }
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 ? "" : rest.substring(slash);
    return authority(authority, defaultPort, path.isEmpty() ? path : normal(path), secure);
  }

  /**
   * The address of what discovery found.
   *
   * @param host a name in any case, or a literal with or without brackets, which gets the form of
   *     RFC 5952
   */
  static EndpointAddress of(String host, int port) {
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(bare);
    String text =
        octets == null || bare.indexOf('%') >= 0
            ? bare.toLowerCase(Locale.ROOT)
            : NetUtil.bytesToIpAddress(octets);
    return new EndpointAddress(text, port, "");
  }

  private static String normal(String path) {
    String normal = PathNormalizer.normalize(path, true);
    if (normal == null) {
      throw new IllegalArgumentException("not the path of an endpoint: " + path);
    }
    return normal;
  }

  private static EndpointAddress authority(
      String authority, int defaultPort, String path, boolean secure) {
    int colon = authority.lastIndexOf(':');
    boolean literal = authority.startsWith("[");
    if (literal && colon < authority.indexOf(']')) {
      colon = -1;
    }
    String host = colon < 0 ? authority : authority.substring(0, colon);
    int port = colon < 0 ? defaultPort : port(authority.substring(colon + 1));
    if (port < 0) {
      throw new IllegalArgumentException("the port is missing");
    }
    if (literal) {
      if (!host.endsWith("]")) {
        throw new IllegalArgumentException("malformed IPv6 address");
      }
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an IPv6 address stands in brackets: [" + host + "]");
    }
    if (host.isEmpty() || !host.matches("[A-Za-z0-9._:%-]+")) {
      throw new IllegalArgumentException("malformed host");
    }
    String base = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return new EndpointAddress(host.toLowerCase(Locale.ROOT), port, base, secure);
  }

  private static int port(String text) {
    if (!text.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("malformed port");
    }
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port out of range");
    }
    return port;
  }

  /** Whether it is a Unix-domain socket. */
  public boolean isUnix() {
    return port == 0;
  }

  /** Host and port, as in a URL. */
  public String authority() {
    if (isUnix()) {
      return "localhost";
    }
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** The id of an endpoint at this address. */
  public String id() {
    String place = isUnix() ? "unix:" + host : authority() + basePath;
    return secure ? "https://" + place : place;
  }
}
