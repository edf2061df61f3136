package com.example.sluice.maintenance;

import com.google.re2j.Pattern;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.observe.Meters;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answers closed paths with 503 and Retry-After (RFC 9110 §10.2.3). One instance serves every exchange
 * on every event loop at once, so it holds nothing that changes.
 */
final class Maintenance implements Middleware {

  private final MaintenanceConfig config;
  private final Meters.Counter pages;
  private final byte[] page;
  private final Map<String, String> headers;

  Maintenance(MaintenanceConfig config, Meters.Counter pages) {
    this.config = config;
    this.pages = pages;
    this.page = (config.message() + "\n").getBytes(StandardCharsets.UTF_8);
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("Content-Type", "text/plain; charset=utf-8");
    lines.put("Cache-Control", "no-store");
    lines.put("Retry-After", Long.toString(config.retryAfter().toSeconds()));
    if (config.tellLibrary()) {
      lines.put("X-Maintenance-Library", library());
    }
    this.headers = Map.copyOf(lines);
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    if (!closes(exchange.request().path(), exchange.clientIp())) {
      return Flow.CONTINUE;
    }
    pages.increment();
    return exchange.respond(503, headers, page);
  }

  /** The policy itself, without anything of a proxy. */
  boolean closes(String path, String clientIp) {
    return config.paths().matches(path) && !config.allow().contains(clientIp);
  }

  /** The jar that RE2/J comes from: the platform's own, or the one in the plugin's folder. */
  private static String library() {
    CodeSource source = Pattern.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return "unknown";
    }
    String path = source.getLocation().getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
