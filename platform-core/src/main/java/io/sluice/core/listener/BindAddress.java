package io.sluice.core.listener;

import io.netty.channel.unix.DomainSocketAddress;
import io.sluice.core.http.Cidr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Where a listener binds: {@code 0.0.0.0:8080}, {@code :8080}, {@code [::]:8080}, {@code
 * 127.0.0.1:0} or {@code unix:/run/sluice.sock}. Address literals only: a name could mean another
 * interface tomorrow.
 *
 * @param text as configured, which is its identity over reloads
 */
public record BindAddress(String text, SocketAddress socket) {

  /** What {@link #parse} accepts, for messages. */
  public static final String EXPECTED = "address:port, :port, [v6]:port or unix:/path";

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static BindAddress parse(String text) {
    if (text.startsWith("unix:")) {
      String path = text.substring(5);
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("the path of a Unix-domain socket begins with a slash");
      }
      return new BindAddress(text, new DomainSocketAddress(path));
    }
    int colon = text.lastIndexOf(':');
    if (colon < 0 || text.endsWith("]")) {
      throw new IllegalArgumentException("the port is missing");
    }
    int port = port(text.substring(colon + 1));
    String host = text.substring(0, colon);
    if (host.isEmpty() || host.equals("*")) {
      return new BindAddress(text, new InetSocketAddress(port));
    }
    if (host.equals("localhost")) {
      return new BindAddress(text, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an IPv6 address stands in brackets");
    }
    InetAddress address = Cidr.literal(host);
    if (address == null) {
      throw new IllegalArgumentException("not an address literal");
    }
    return new BindAddress(text, new InetSocketAddress(address, port));
  }

  /** Whether it is a Unix-domain socket. */
  public boolean isUnix() {
    return socket instanceof DomainSocketAddress;
  }

  private static int port(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
      throw new IllegalArgumentException("the port is not from 0 to 65535");
    }
    return Integer.parseInt(text);
  }
}
