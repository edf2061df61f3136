package io.sluice.core.upstream;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Collectors;

/** Addresses of name servers as configurations write them. */
public final class NameServers {

  /** What {@link #parse} accepts, for messages. */
  public static final String EXPECTED = "addresses: 10.0.0.53, 127.0.0.1:5353, [::1]:53";

  private static final int PORT = 53;

  private NameServers() {}

  /**
   * Reads addresses, of port 53 where they do not say.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static List<InetSocketAddress> parse(List<String> texts) {
    return texts.stream().map(NameServers::parse).collect(Collectors.toList());
  }

  private static InetSocketAddress parse(String text) {
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(text);
    if (octets != null) {
      return address(octets, PORT);
    }
    EndpointAddress address = EndpointAddress.parse(text.endsWith("]") ? text + ":53" : text);
    octets = NetUtil.createByteArrayFromIpAddressString(address.host());
    if (octets == null || !address.basePath().isEmpty() || address.isUnix()) {
      throw new IllegalArgumentException("\"" + text + "\" is not the address of a name server");
    }
    return address(octets, address.port());
  }

  private static InetSocketAddress address(byte[] octets, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(octets), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 octets were given", e);
    }
  }
}
