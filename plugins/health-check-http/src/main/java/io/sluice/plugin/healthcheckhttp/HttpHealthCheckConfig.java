package io.sluice.plugin.healthcheckhttp;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of the {@code http} health check.
 *
 * @param path path and query of the probe; {@code /} by default
 * @param method the method; GET by default
 * @param headers field lines of the probe, {@code Host} among them when {@code host} is set
 * @param expect statuses that pass; 200-299 by default
 * @param body octets that the content must hold; empty for any content
 */
record HttpHealthCheckConfig(
    String path, String method, Map<String, String> headers, StatusSet expect, byte[] body) {

  static HttpHealthCheckConfig decode(ConfigSection config) {
    StatusSet fallback = StatusSet.of(List.of("200-299"));
    return new HttpHealthCheckConfig(
        config
            .string("path")
            .describe("path and query of the probe")
            .check(HttpHealthCheckConfig::isTarget, "a path that begins with / and has no spaces")
            .orElse("/"),
        config
            .string("method")
            .describe("method of the probe")
            .check(m -> HeaderName.isToken(m) && !m.equals("CONNECT"), "a method such as GET")
            .orElse("GET"),
        headers(config),
        config
            .strings("expect")
            .describe("statuses that pass: codes and ranges")
            .map(StatusSet::of, StatusSet.EXPECTED, fallback)
            .orElse(fallback),
        config
            .string("body")
            .describe("text that the content must hold")
            .orElse("")
            .getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> headers(ConfigSection config) {
    Map<String, String> headers = new LinkedHashMap<>();
    config
        .section("headers")
        .describe("headers of the probe")
        .optional()
        .ifPresent(
            section -> {
              Map<String, String> lines =
                  section.entries().describe("a header's name and value").orElse(Map.of());
              lines.forEach((name, value) -> addHeader(section, name, value, headers));
            });
    config
        .string("host")
        .describe("Host of the probe; the endpoint's own address when absent")
        .check(h -> !h.isEmpty() && isFieldValue(h), "a host name, with or without port")
        .optional()
        .ifPresent(host -> headers.put("Host", host));
    return headers;
  }

  private static void addHeader(
      ConfigSection section, String name, String value, Map<String, String> headers) {
    if (!HeaderName.isToken(name)) {
      section.problem(name, "not a header name", "letters, digits and hyphens");
    } else if (name.equalsIgnoreCase("host")) {
      section.problem(name, "Host is set by the key host", "host = \"" + value + "\"");
    } else if (!isFieldValue(value)) {
      section.problem(name, "a header value cannot hold control characters", "visible ASCII text");
    } else {
      headers.put(name, value);
    }
  }

  private static boolean isTarget(String path) {
    return path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
  }

  private static boolean isFieldValue(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }
}
