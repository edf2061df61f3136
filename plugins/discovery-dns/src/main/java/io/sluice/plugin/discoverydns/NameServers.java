package io.sluice.plugin.discoverydns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.xbill.DNS.Address;
import org.xbill.DNS.Name;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.config.ResolvConfResolverConfigProvider;

/**
 * Whom to ask, and what may be appended to a name.
 *
 * @param servers in order
 * @param search domains, in order
 * @param ndots a name with fewer dots is first tried with the domains appended (resolv.conf(5))
 */
record NameServers(List<InetSocketAddress> servers, List<Name> search, int ndots) {

  static final String EXPECTED = "addresses: 10.0.0.53, 127.0.0.1:5353, [::1]:53";

  /** Those given; no domain is appended. */
  static NameServers of(List<InetSocketAddress> servers) {
    return new NameServers(servers, List.of(), 1);
  }

  /** Those of the system as of now: of resolv.conf, or what Windows says. Reads files. */
  static NameServers system() {
    ResolvConfResolverConfigProvider file = new ResolvConfResolverConfigProvider();
    List<InetSocketAddress> servers = List.of();
    List<Name> search = List.of();
    int ndots = 1;
    if (file.isEnabled()) {
      file.initialize();
      servers = file.servers();
      search = file.searchPaths();
      ndots = file.ndots();
    } else {
      ResolverConfig config = new ResolverConfig();
      servers = config.servers();
      search = config.searchPath();
      ndots = config.ndots();
    }
    List<InetSocketAddress> known =
        servers.stream().filter(server -> !server.isUnresolved()).collect(Collectors.toList());
    if (known.isEmpty()) {
      known.add(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), SimpleResolver.DEFAULT_PORT));
    }
    return new NameServers(known, search, ndots);
  }

  static List<InetSocketAddress> parse(List<String> texts) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String text : texts) {
      servers.add(server(text));
    }
    return servers;
  }

  static boolean isLiteral(String text) {
    try {
      return text.startsWith("[") || literal(text) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static InetSocketAddress server(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    boolean bare = bracketed ? text.endsWith("]") : text.indexOf(':') != colon || colon < 0;
    String host = bare ? text : text.substring(0, colon);
    int port = SimpleResolver.DEFAULT_PORT;
    if (!bare) {
      String digits = text.substring(colon + 1);
      port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : -1;
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("\"" + text + "\" is not the address of a name server");
    }
    return new InetSocketAddress(
        literal(bracketed && host.endsWith("]") ? host.substring(1, host.length() - 1) : host),
        port);
  }

  private static InetAddress literal(String text) {
    try {
      return Address.getByAddress(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not the address of a name server", e);
    }
  }
}
