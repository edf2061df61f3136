package io.sluice.core.boot;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.admin.AdminConfig;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.listener.BindAddress;
import io.sluice.core.listener.ListenerConfig;
import io.sluice.core.route.RouteConfig;
import io.sluice.core.tunnel.TunnelConfig;
import io.sluice.core.upstream.UpstreamConfig;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration, read by key, with the blocks of plugins still unread.
 *
 * @param middleware the named instances
 * @param upstreams the blocks
 * @param accessLog null where the key is absent
 */
record RootConfig(
    LocatedSection root,
    Map<String, ListenerConfig> listeners,
    List<RouteConfig> routes,
    Map<String, LocatedSection> middleware,
    Map<String, LocatedSection> upstreams,
    AdminConfig admin,
    @Nullable Element accessLog,
    RuntimeConfig runtime,
    String logLevel) {

  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  static RootConfig decode(LocatedSection root) {
    Map<String, ListenerConfig> listeners = listeners(root);
    List<RouteConfig> routes = RouteConfig.decodeAll(root);
    Map<String, LocatedSection> upstreams = blocks(root, "upstreams", "groups of endpoints");
    checkProtocols(listeners, routes, upstreams);
    routes.forEach(route -> route.checkNames(upstreams.keySet(), List.of(), listeners.keySet()));
    if (listeners.values().stream().noneMatch(ListenerConfig::asksForCertificates)) {
      routes.forEach(RouteConfig::refuseClientCertificate);
    }
    refuseUnavailable(root, routes);
    return new RootConfig(
        root,
        listeners,
        routes,
        blocks(root, "middleware", "named middleware"),
        upstreams,
        AdminConfig.decode(
            root.section("admin").describe("the admin API").orElse(root.empty("admin"))),
        root.element("access-log").describe("a record for each exchange").optional().orElse(null),
        RuntimeConfig.decode(
            LocatedSection.of(
                root.section("runtime").describe("the process").orElse(root.empty("runtime")))),
        root.string("log-level")
            .describe("how much is logged: error, warn, info, debug or trace")
            .check(LEVELS::contains, "error, warn, info, debug or trace")
            .orElse("info"));
  }

  /** Whom listeners send connections to has to exist, and routes need upstreams that speak HTTP. */
  private static void checkProtocols(
      Map<String, ListenerConfig> listeners,
      List<RouteConfig> routes,
      Map<String, LocatedSection> upstreams) {
    Map<String, String> protocols = new LinkedHashMap<>();
    upstreams.forEach((name, block) -> protocols.put(name, UpstreamConfig.protocolOf(block)));
    for (ListenerConfig listener : listeners.values()) {
      TunnelConfig tunnel = listener.tunnel();
      if (tunnel != null) {
        tunnel.checkNames(protocols);
      }
    }
    routes.forEach(route -> route.refuse(name -> "tcp".equals(protocols.get(name))));
  }

  private static Map<String, LocatedSection> blocks(
      LocatedSection root, String key, String meaning) {
    ConfigSection block = root.section(key).describe(meaning).orElse(root.empty(key));
    Map<String, LocatedSection> blocks = new LinkedHashMap<>();
    block
        .named()
        .describe(meaning)
        .orElse(Map.of())
        .forEach((name, section) -> blocks.put(name, LocatedSection.of(section)));
    return blocks;
  }

  private static Map<String, ListenerConfig> listeners(LocatedSection root) {
    Map<String, ListenerConfig> listeners = new LinkedHashMap<>();
    Map<String, String> bound = new HashMap<>();
    blocks(root, "listeners", "where clients connect")
        .forEach(
            (name, section) -> {
              ListenerConfig listener = ListenerConfig.decode(name, section);
              listeners.put(name, listener);
              for (BindAddress bind : listener.bind()) {
                String other = bound.putIfAbsent(bind.text(), name);
                if (other != null && !bind.text().endsWith(":0")) {
                  section.problem(
                      "bind", bind.text() + " is bound by listener " + other, "another address");
                }
              }
            });
    return listeners;
  }

  private static void refuseUnavailable(LocatedSection root, List<RouteConfig> routes) {
    if (!blocks(root, "caches", "response caches; not available in this version").isEmpty()) {
      root.section("caches").optional().map(LocatedSection::of).ifPresent(RootConfig::forget);
      root.problem("caches", "response caches are not available in this version", "no such key");
    }
    ConfigSection tracing = root.section("tracing").describe("spans").orElse(root.empty("tracing"));
    String type =
        tracing
            .string("type")
            .describe("off; exporters are not available in this version")
            .orElse("off");
    if (!type.equals("off")) {
      forget(LocatedSection.of(tracing));
      tracing.problem("type", "\"" + type + "\" is not available in this version", "off");
    }
    for (RouteConfig route : routes) {
      if (route.mirror() != null) {
        route.section().problem("mirror", "is not available in this version", "no such key");
      }
    }
  }

  private static void forget(LocatedSection section) {
    section.ignoreUnread();
  }
}
