package io.sluice.core.boot;

import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.transport.TransportType;
import io.sluice.core.transport.tls.TlsProvider;
import io.sluice.core.upstream.NameServers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code runtime} block.
 *
 * @param eventLoops how many; 0 for one a core
 * @param shutdownTimeout how long a drain may take
 * @param plugins folders to look for plugins in
 * @param zone where the process stands, or null where that is not said
 * @param nameServers whom to ask for the addresses of endpoints; empty for those of the system
 */
public record RuntimeConfig(
    int eventLoops,
    TransportType transport,
    TlsProvider tlsProvider,
    Duration shutdownTimeout,
    List<String> plugins,
    @Nullable String zone,
    List<InetSocketAddress> nameServers) {

  static RuntimeConfig decode(LocatedSection config) {
    Element loops =
        config
            .element("event-loops")
            .describe("how many event loops; auto is one for each core")
            .optional()
            .orElse(null);
    boolean auto = loops == null || (loops.isText() && loops.text().equals("auto"));
    int count =
        auto
            ? 0
            : config
                .integer("event-loops", 1, 1024)
                .describe("how many event loops; auto is one for each core")
                .orElse(1L)
                .intValue();
    TransportType transport =
        config
            .choice("transport", TransportType.class)
            .describe("how sockets are served")
            .orElse(TransportType.AUTO);
    String unavailable = transport.unavailable();
    if (unavailable != null) {
      config.problem("transport", "cannot be used here: " + unavailable, "auto");
    }
    TlsProvider tlsProvider =
        config
            .choice("tls-provider", TlsProvider.class)
            .describe("by which library TLS is spoken: auto, boringssl or jdk")
            .orElse(TlsProvider.AUTO);
    String noTls = tlsProvider.unavailable();
    if (noTls != null) {
      config.problem("tls-provider", "cannot be used here: " + noTls, "auto");
    }
    return new RuntimeConfig(
        count,
        transport,
        tlsProvider,
        config
            .duration("shutdown-timeout")
            .describe("how long a drain may take")
            .orElse(Duration.ofSeconds(30)),
        config
            .strings("plugins")
            .describe("folders to look for plugins in, relative to the installation")
            .orElse(List.of("plugins")),
        config
            .string("zone")
            .describe("where the process stands, for upstreams that are zone-aware")
            .check(zone -> !zone.isBlank(), "a name such as eu-west-1a")
            .optional()
            .orElse(null),
        config
            .strings("nameservers")
            .describe(
                "name servers asked for the addresses of endpoints, host:port or an address alone;"
                    + " unset: those of the system")
            .map(NameServers::parse, NameServers.EXPECTED, List.<InetSocketAddress>of())
            .orElse(List.of()));
  }

  int loops() {
    return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
  }
}
