package io.sluice.plugin.discoverydns;

import io.sluice.api.config.ConfigSection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The keys of the {@code dns} discovery.
 *
 * @param name asked for; with a trailing dot the search list is left out
 * @param port of every endpoint; 0 where SRV records say it
 * @param records which are asked for; never {@code AUTO}
 * @param refresh the longest time between two questions
 * @param minRefresh the shortest time between two questions
 * @param keepFor how long the last good answer counts while there is no other
 * @param timeout for one name server to answer one question
 * @param nameServers whom to ask, in order; empty for those of the system
 */
record DnsDiscoveryConfig(
    String name,
    int port,
    Records records,
    Duration refresh,
    Duration minRefresh,
    Duration keepFor,
    Duration timeout,
    List<InetSocketAddress> nameServers) {

  /** What to ask for. */
  enum Records {
    /** SRV where the name begins with an underscore, else addresses. */
    AUTO,
    /** A and AAAA. */
    ADDRESS,
    A,
    AAAA,
    SRV
  }

  private static final String NAMES = "name:port, or for srv a name such as _http._tcp.users.svc";

  static DnsDiscoveryConfig decode(ConfigSection config) {
    String text = config.string("name").describe("the name asked for, with a port").required();
    Records asked =
        config
            .choice("record", Records.class)
            .describe(
                "which records; address: A and AAAA; auto: srv where the name begins with _, else"
                    + " address")
            .orElse(Records.AUTO);
    boolean srv = asked == Records.SRV || (asked == Records.AUTO && text.startsWith("_"));
    Records records = asked != Records.AUTO ? asked : srv ? Records.SRV : Records.ADDRESS;
    int colon = text.lastIndexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    int port = colon < 0 ? 0 : port(text.substring(colon + 1));
    if (config.has("name") && !text.isEmpty()) {
      check(config, text, name, srv, colon >= 0, port);
    }
    Duration refresh =
        config
            .duration("refresh")
            .describe("the longest time between two questions; sooner where a TTL says so")
            .orElse(Duration.ofSeconds(5));
    Duration minRefresh =
        config
            .duration("min-refresh")
            .describe("the shortest time between two questions, whatever the TTL")
            .check(time -> !time.isZero(), "more than 0")
            .orElse(Duration.ofSeconds(1));
    if (refresh.compareTo(minRefresh) < 0) {
      config.problem("refresh", "is shorter than min-refresh", "at least min-refresh");
    }
    return new DnsDiscoveryConfig(
        name.toLowerCase(Locale.ROOT),
        port,
        records,
        refresh,
        minRefresh,
        config
            .timeout("keep-for")
            .describe("how long the last good answer counts while no other comes; off: without end")
            .orElse(ConfigSection.OFF),
        config
            .duration("timeout")
            .describe("how long one name server may take for one answer")
            .check(time -> !time.isZero(), "more than 0")
            .orElse(Duration.ofSeconds(2)),
        config
            .strings("nameservers")
            .describe("whom to ask, in order: address or address:port; unset: the system's")
            .map(NameServers::parse, NameServers.EXPECTED, List.<InetSocketAddress>of())
            .orElse(List.of()));
  }

  private static void check(
      ConfigSection config, String text, String name, boolean srv, boolean hasPort, int port) {
    if (srv && hasPort) {
      config.problem("name", "\"" + text + "\" has a port, which SRV records say", NAMES);
    } else if (!srv && !hasPort) {
      config.problem("name", "\"" + text + "\" has no port", NAMES);
    } else if (!srv && port < 1) {
      config.problem("name", "\"" + text + "\" has no port from 1 to 65535", NAMES);
    } else if (NameServers.isLiteral(name)) {
      config.problem(
          "name", "\"" + text + "\" is an address", "a name; addresses stand under endpoints");
    } else if (!Lookup.isName(name)) {
      config.problem("name", "\"" + text + "\" is no DNS name", NAMES);
    }
  }

  private static int port(String text) {
    if (!text.matches("[0-9]{1,5}")) {
      return 0;
    }
    int port = Integer.parseInt(text);
    return port > 65_535 ? 0 : port;
  }
}
