package io.sluice.core.upstream;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.transport.tls.ClientTlsConfig;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One {@code upstreams} block as configured. The blocks of plugins are kept unread: {@link
 * UpstreamPlugins} has them decoded.
 *
 * @param proxyProtocol what endpoints are sent before anything else
 */
public record UpstreamConfig(
    String name,
    Protocol protocol,
    ProxyProtocol proxyProtocol,
    List<EndpointConfig> endpoints,
    Limits limits,
    Timeouts timeouts,
    Http2Config http2,
    RequireAtStart requireAtStart,
    SelectionConfig selection,
    @Nullable StickyConfig sticky,
    @Nullable ClientTlsConfig tls,
    HedgeConfig.@Nullable Choice hedge,
    String canonical) {

  /** What is spoken to endpoints. */
  public enum Protocol {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2, without asking where the octets pass in plaintext (RFC 9113 §3.3). */
    HTTP2,
    /** What TLS agrees on (RFC 7301), HTTP/1.1 in plaintext. */
    AUTO,
    /** Octets that nobody reads here. */
    TCP
  }

  /** When the process counts as ready. */
  public enum RequireAtStart {
    /** At once. */
    NONE,
    /** As soon as an endpoint's address is known. */
    RESOLVED,
    /** As soon as an endpoint is healthy. */
    HEALTHY
  }

  /**
   * Bounds over all event loops.
   *
   * @param maxConnections to all endpoints together
   * @param maxPending attempts that wait for a connection
   * @param maxRequests attempts in flight
   * @param pendingTimeout how long an attempt waits for a connection
   * @param endpointConnections to one endpoint
   * @param endpointRequests attempts in flight to one endpoint
   */
  public record Limits(
      long maxConnections,
      long maxPending,
      long maxRequests,
      Duration pendingTimeout,
      long endpointConnections,
      long endpointRequests) {

    static Limits decode(ConfigSection config) {
      ConfigSection each =
          config
              .section("per-endpoint")
              .describe("bounds for each endpoint")
              .orElse(LocatedSection.of(config).empty("per-endpoint"));
      return new Limits(
          config
              .bound("max-connections", 1)
              .describe("open connections to all endpoints")
              .orElse(1024L),
          config
              .bound("max-pending", 0)
              .describe("attempts that may wait for a connection")
              .orElse(1024L),
          config
              .bound("max-requests", 1)
              .describe("attempts in flight to all endpoints")
              .orElse(ConfigSection.UNLIMITED),
          config
              .timeout("pending-timeout")
              .describe("how long an attempt may wait for a connection")
              .orElse(Duration.ofSeconds(3)),
          each.bound("max-connections", 1)
              .describe("open connections to one endpoint")
              .orElse(ConfigSection.UNLIMITED),
          each.bound("max-requests", 1)
              .describe("attempts in flight to one endpoint")
              .orElse(ConfigSection.UNLIMITED));
    }
  }

  /**
   * Time limits.
   *
   * @param connect for a connection to be made, its TLS handshake included
   * @param idle for a connection that nothing uses
   */
  public record Timeouts(Duration connect, Duration idle) {

    static Timeouts decode(ConfigSection config) {
      return new Timeouts(
          config
              .timeout("connect")
              .describe("how long making a connection may take, its TLS handshake included")
              .orElse(Duration.ofSeconds(3)),
          config
              .timeout("idle")
              .describe("how long an unused connection is kept")
              .orElse(Duration.ofSeconds(60)));
    }
  }

  /**
   * Reads the block named {@code name}.
   *
   * @param zone where the proxy stands, or null
   */
  public static UpstreamConfig decode(String name, LocatedSection config, @Nullable String zone) {
    LocatedSection limits =
        LocatedSection.of(
            config.section("limits").describe("bounds").orElse(config.empty("limits")));
    LocatedSection timeouts =
        LocatedSection.of(
            config.section("timeouts").describe("time limits").orElse(config.empty("timeouts")));
    Protocol protocol = decodeProtocol(config);
    ClientTlsConfig tls = ClientTlsConfig.decode(config);
    return new UpstreamConfig(
        name,
        protocol,
        proxyProtocol(config, protocol),
        endpoints(config, protocol, tls),
        Limits.decode(limits),
        Timeouts.decode(timeouts),
        Http2Config.decode(limits, timeouts),
        config
            .choice("require-at-start", RequireAtStart.class)
            .describe("what must be true before the process counts as ready")
            .orElse(RequireAtStart.NONE),
        SelectionConfig.decode(config, zone),
        StickyConfig.decode(config),
        tls,
        HedgeConfig.choice(config, "when to ask a second endpoint as well; off for never"),
        config.canonical());
  }

  /** What {@code protocol} says in the block of an upstream that is read further elsewhere. */
  public static String protocolOf(LocatedSection config) {
    return config
        .string("protocol")
        .describe(
            "what is spoken to endpoints: http1; http2; auto, which is http2 where TLS agrees on it"
                + " and http1 elsewhere; tcp for listeners of that protocol")
        .orElse("http1");
  }

  private static Protocol decodeProtocol(LocatedSection config) {
    String protocol = protocolOf(config);
    switch (protocol) {
      case "http1":
        return Protocol.HTTP1;
      case "http2":
        return Protocol.HTTP2;
      case "auto":
        return Protocol.AUTO;
      case "tcp":
        return Protocol.TCP;
      default:
        config.problem("protocol", "\"" + protocol + "\" is unknown", "http1, http2, auto or tcp");
        return Protocol.HTTP1;
    }
  }

  private static ProxyProtocol proxyProtocol(LocatedSection config, Protocol protocol) {
    ProxyProtocol version =
        config
            .choice("proxy-protocol", ProxyProtocol.class)
            .describe(
                "the PROXY protocol header that endpoints are sent first; protocol = tcp only")
            .orElse(ProxyProtocol.OFF);
    if (version != ProxyProtocol.OFF && protocol != Protocol.TCP) {
      config.problem(
          "proxy-protocol",
          "pooled connections carry the requests of many clients",
          "off, or protocol = tcp; X-Forwarded-For names the client to HTTP endpoints");
    }
    return version;
  }

  private static List<EndpointConfig> endpoints(
      LocatedSection config, Protocol protocol, @Nullable ClientTlsConfig tls) {
    if (config.has("discovery")) {
      if (config.has("endpoints")) {
        config.problem("endpoints", "stands beside discovery", "one of the two");
      }
      return List.of();
    }
    List<Element> elements =
        config
            .elements("endpoints")
            .describe("addresses, or blocks with address, weight, zone, priority and backup")
            .required();
    Set<String> seen = new HashSet<>();
    return elements.stream()
        .map(
            element -> {
              EndpointConfig endpoint = EndpointConfig.decode(element);
              if (tls != null && element.isText() && element.text().startsWith("http://")) {
                element.problem("has the scheme of plaintext beside tls", "https:// or no scheme");
              }
              if (!endpoint.address().equals(EndpointConfig.NOWHERE)
                  && !seen.add(endpoint.address().id())) {
                element.problem(
                    "endpoint " + endpoint.address().id() + " is there twice", "weight = 2");
              }
              if (protocol == Protocol.TCP && !endpoint.address().basePath().isEmpty()) {
                element.problem("a path has no meaning for protocol = tcp", "host:port");
              }
              return endpoint;
            })
        .toList();
  }

  /** Whether one connection may serve several attempts at once. */
  public boolean multiplexes() {
    return protocol == Protocol.HTTP2 || protocol == Protocol.AUTO;
  }

  /** What TLS offers to speak, the best first (RFC 7301); empty where it is not asked. */
  List<String> applicationProtocols() {
    return switch (protocol) {
      case HTTP2 -> List.of("h2");
      case AUTO -> List.of("h2", "http/1.1");
      case HTTP1, TCP -> List.of();
    };
  }

  /** Whether TLS is spoken to an endpoint. */
  boolean secures(EndpointAddress address) {
    return tls != null || address.secure();
  }

  /** The configuration's identity: two blocks that say the same are one upstream. */
  public String identity() {
    return name + "=" + canonical;
  }
}
