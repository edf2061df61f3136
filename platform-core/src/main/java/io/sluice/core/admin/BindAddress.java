package io.sluice.core.admin;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An address to bind: {@code 127.0.0.1:9901}, {@code [::1]:9901}, {@code localhost:9901}, or {@code
 * :9901} for every address.
 *
 * @param host a name, or an IP literal without brackets; empty for every address
 * @param port 0 lets the system choose
 */
public record BindAddress(String host, int port) {

  /** Reads an address, or answers null when {@code text} is none. */
  static @Nullable BindAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      return null;
    }
    int port = port(text.substring(colon + 1));
    String host = text.substring(0, colon).toLowerCase(Locale.ROOT);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
      return port >= 0 && NetUtil.isValidIpV6Address(host) ? new BindAddress(host, port) : null;
    }
    return port >= 0 && (host.isEmpty() || isName(host)) ? new BindAddress(host, port) : null;
  }

  /**
   * Whether only this machine can reach it. A name other than {@code localhost} is not looked up.
   */
  public boolean isLoopback() {
    if (host.equals("localhost")) {
      return true;
    }
    @Nullable InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    return literal != null && literal.isLoopbackAddress();
  }

  /** For binding. A name is looked up, which may block. */
  InetSocketAddress socketAddress() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  private static int port(String digits) {
    if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(BindAddress::isDigit)) {
      return -1;
    }
    int port = Integer.parseInt(digits);
    return port <= 65_535 ? port : -1;
  }

  private static boolean isName(String host) {
    return host.chars().allMatch(BindAddress::isNameChar);
  }

  /** As in a configuration. */
  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameChar(int c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
  }
}
