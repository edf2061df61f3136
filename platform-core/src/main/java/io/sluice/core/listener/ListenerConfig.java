package io.sluice.core.listener;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.http.Cidr;
import io.sluice.core.http.TrustedProxies;
import io.sluice.core.transport.tls.ServerTlsConfig;
import io.sluice.core.tunnel.TunnelConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One {@code listeners} block as configured.
 *
 * @param proxyProtocol whether connections begin with a PROXY protocol header
 * @param tunnel where connections go; null exactly for HTTP
 * @param middleware the members of its list, not looked into
 * @param bodyMinRate octets a second that a client must send while it is being read; 0 for any
 * @param upgrades protocols that clients may change to, in lower case
 * @param http2 whether clients may speak it
 * @param keepEncodedSlash whether {@code %2F} in a path is kept rather than refused
 * @param tls null for plaintext
 * @param canonical the whole block, by which a change is noticed
 */
public record ListenerConfig(
    String name,
    List<BindAddress> bind,
    Protocol protocol,
    ProxyHeaders proxyProtocol,
    @Nullable TunnelConfig tunnel,
    TrustedProxies trustedProxies,
    List<Element> middleware,
    Limits limits,
    Timeouts timeouts,
    long bodyMinRate,
    Set<String> upgrades,
    Http2 http2,
    boolean keepEncodedSlash,
    @Nullable ServerTlsConfig tls,
    String canonical) {

  /** What ALPN may choose from, best first. */
  public List<String> applicationProtocols() {
    if (protocol != Protocol.HTTP) {
      return tls == null ? List.of() : tls.applicationProtocols();
    }
    return switch (http2) {
      case ON -> List.of("h2", "http/1.1");
      case OFF -> List.of("http/1.1");
      case ONLY -> List.of("h2");
    };
  }

  /** Whether clients may speak HTTP/2: chosen by ALPN under TLS, by prior knowledge without. */
  public enum Http2 {
    /** That, or HTTP/1.1. */
    ON,
    /** Only HTTP/1.1. */
    OFF,
    /** Nothing else, as behind another proxy or for gRPC. */
    ONLY
  }

  /** Whether HTTP is spoken here without TLS. */
  public boolean isPlaintextHttp() {
    return protocol == Protocol.HTTP && tls == null;
  }

  /** Whether HTTP clients show certificates here. */
  public boolean asksForCertificates() {
    return protocol == Protocol.HTTP
        && tls != null
        && tls.clients() != ServerTlsConfig.Clients.NONE;
  }

  /** What is spoken here. */
  public enum Protocol {
    /** HTTP: requests are read and routed. */
    HTTP,
    /** Octets that nobody reads. */
    TCP,
    /** TLS that is not ended here; the server name of its first message is read. */
    TLS_PASSTHROUGH;

    /** As the configuration writes it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Whether connections begin with a PROXY protocol header. */
  public enum ProxyHeaders {
    /** None is expected, so none is understood. */
    OFF,
    /** A trusted peer may send one. */
    OPTIONAL,
    /** Every connection comes from a trusted peer, with a header. */
    REQUIRED
  }

  /**
   * Bounds.
   *
   * @param maxHeaderSize octets of request line and header section
   * @param maxHeaders field lines
   * @param maxBodySize octets of request content
   * @param maxConnections open at once; further ones are not accepted until one ends
   * @param maxRequests on one connection
   * @param maxStreams open at once on a connection of HTTP/2
   * @param streamWindow octets of request content that a stream may send before we take some
   * @param connectionWindow the same, of all streams of a connection
   */
  public record Limits(
      int maxHeaderSize,
      int maxHeaders,
      long maxBodySize,
      long maxConnections,
      long maxRequests,
      int maxStreams,
      int streamWindow,
      int connectionWindow) {

    static Limits decode(ConfigSection config) {
      return new Limits(
          config
              .size("max-header-size")
              .describe("octets of request line and header section")
              .check(size -> size >= 256 && size <= 16 * 1024 * 1024, "256B to 16M")
              .orElse(32L * 1024)
              .intValue(),
          config
              .integer("max-headers", 1, 10_000)
              .describe("header lines of one request")
              .orElse(100L)
              .intValue(),
          config
              .sizeBound("max-body-size")
              .describe("octets of request content")
              .orElse(ConfigSection.UNLIMITED),
          config.bound("max-connections", 1).describe("connections open at once").orElse(10_000L),
          config
              .bound("max-requests-per-connection", 1)
              .describe("requests on one connection before it is closed")
              .orElse(ConfigSection.UNLIMITED),
          config
              .integer("max-streams", 1, 10_000)
              .describe("requests that one HTTP/2 connection may have open at once")
              .orElse(100L)
              .intValue(),
          window(config, "stream-window", 256 * 1024, "of one HTTP/2 stream"),
          window(config, "connection-window", 1024 * 1024, "of all streams of a connection"));
    }

    private static int window(ConfigSection config, String key, long usual, String whose) {
      return config
          .size(key)
          .describe("request content " + whose + " that may wait for us (RFC 9113 §5.2)")
          .check(size -> size >= 65_535 && size <= Integer.MAX_VALUE, "64K to 1G")
          .orElse(usual)
          .intValue();
    }
  }

  /**
   * Time limits.
   *
   * @param handshake from the connection to the end of the TLS handshake
   * @param header from the first octet of a head to its last
   * @param idle between exchanges, and between portions of content
   * @param tunnelIdle of a connection whose octets pass unread
   */
  public record Timeouts(Duration handshake, Duration header, Duration idle, Duration tunnelIdle) {

    static Timeouts decode(ConfigSection config) {
      return new Timeouts(
          config
              .timeout("handshake")
              .describe("how long a TLS handshake may take, from the connection on")
              .orElse(Duration.ofSeconds(10)),
          config
              .timeout("header")
              .describe("from the first octet of a request head to its last")
              .orElse(Duration.ofSeconds(10)),
          config
              .timeout("idle")
              .describe("between requests, and between portions of a body")
              .orElse(Duration.ofSeconds(60)),
          config
              .timeout("tunnel-idle")
              .describe("how long an upgraded or TCP connection may be silent")
              .orElse(Duration.ofHours(1)));
    }
  }

  /** Reads the block named {@code name}. */
  public static ListenerConfig decode(String name, LocatedSection config) {
    Http2 http2 =
        config
            .choice("http2", Http2.class)
            .describe("HTTP/2, by ALPN under TLS and by prior knowledge without: on, off or only")
            .orElse(Http2.ON);
    ConfigSection limits =
        config.section("limits").describe("bounds").orElse(config.empty("limits"));
    ConfigSection timeouts =
        config.section("timeouts").describe("time limits").orElse(config.empty("timeouts"));
    Timeouts times = Timeouts.decode(timeouts);
    List<BindAddress> bind = bind(config);
    Protocol protocol =
        config
            .choice("protocol", Protocol.class)
            .describe("what is spoken here: http, tcp or tls-passthrough")
            .orElse(Protocol.HTTP);
    if (protocol != Protocol.HTTP) {
      refuseHttpKeys(config, protocol);
    }
    return new ListenerConfig(
        name,
        bind,
        protocol,
        proxyProtocol(config, bind),
        tunnel(config, protocol, times),
        trusted(config),
        config.elements("middleware").describe("what runs before routing").orElse(List.of()),
        Limits.decode(limits),
        times,
        bodyMinRate(config),
        config
            .strings("upgrades")
            .describe("protocols that clients may change to; never h2c")
            .check(list -> list.stream().noneMatch("h2c"::equalsIgnoreCase), "no h2c")
            .orElse(List.of("websocket"))
            .stream()
            .map(offered -> offered.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet()),
        http2,
        config
                .choice("encoded-slash", EncodedSlash.class)
                .describe("what becomes of %2F in a path")
                .orElse(EncodedSlash.KEEP)
            == EncodedSlash.KEEP,
        ServerTlsConfig.decode(config, protocol == Protocol.TCP),
        config.canonical());
  }

  private static final List<String> HTTP_KEYS =
      List.of("middleware", "http2", "body-min-rate", "upgrades", "encoded-slash");

  private static void refuseHttpKeys(LocatedSection config, Protocol protocol) {
    for (String key : HTTP_KEYS) {
      if (config.has(key)) {
        config.problem(key, "does not apply to protocol = " + protocol.label(), "no such key");
      }
    }
    if (protocol == Protocol.TLS_PASSTHROUGH && config.has("tls")) {
      config.problem(
          "tls", "passthrough does not end TLS", "no such key, or protocol = tcp to end it here");
    }
  }

  private static @Nullable TunnelConfig tunnel(
      LocatedSection config, Protocol protocol, Timeouts times) {
    TunnelConfig.Kind kind =
        switch (protocol) {
          case HTTP -> TunnelConfig.Kind.NONE;
          case TCP -> TunnelConfig.Kind.TCP;
          case TLS_PASSTHROUGH -> TunnelConfig.Kind.PASSTHROUGH;
        };
    return TunnelConfig.decode(config, kind, times.tunnelIdle(), times.handshake());
  }

  private static ProxyHeaders proxyProtocol(LocatedSection config, List<BindAddress> bind) {
    ProxyHeaders headers =
        config
            .choice("proxy-protocol", ProxyHeaders.class)
            .describe("PROXY protocol headers, versions 1 and 2, of trusted-proxies")
            .orElse(ProxyHeaders.OFF);
    boolean overIp = bind.stream().anyMatch(address -> !address.isUnix());
    if (headers != ProxyHeaders.OFF && overIp && !config.has("trusted-proxies")) {
      config.problem("proxy-protocol", "nobody is trusted to send one", "trusted-proxies as well");
    }
    return headers;
  }

  private enum EncodedSlash {
    KEEP,
    REJECT
  }

  private static List<BindAddress> bind(LocatedSection config) {
    List<BindAddress> addresses = new ArrayList<>();
    for (Element element :
        config
            .elements("bind")
            .describe("where to listen: address:port, :port, [v6]:port or unix:/path")
            .required()) {
      try {
        addresses.add(BindAddress.parse(element.text()));
      } catch (IllegalArgumentException e) {
        element.problem("\"" + element.text() + "\": " + e.getMessage(), BindAddress.EXPECTED);
      }
    }
    return List.copyOf(addresses);
  }

  private static TrustedProxies trusted(LocatedSection config) {
    List<Cidr> blocks = new ArrayList<>();
    for (Element element :
        config
            .elements("trusted-proxies")
            .describe("whose X-Forwarded-* and Forwarded lines are believed")
            .orElse(List.of())) {
      try {
        blocks.add(Cidr.parse(element.text()));
      } catch (IllegalArgumentException e) {
        element.problem(
            "\"" + element.text() + "\" is no block of addresses", "10.0.0.0/8 or 2001:db8::/32");
      }
    }
    return new TrustedProxies(blocks);
  }

  private static long bodyMinRate(LocatedSection config) {
    Element element = config.element("body-min-rate").describe(RATE).optional().orElse(null);
    if (element != null && element.isText() && element.text().equals("off")) {
      return 0;
    }
    return config.size("body-min-rate").describe(RATE).orElse(240L);
  }

  private static final String RATE = "octets a second a client must send while it is read; or off";
}
