package io.sluice.plugin.cors;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import java.time.Duration;
import java.util.List;

/**
 * The keys of {@code cors}.
 *
 * @param origins whose pages may read
 * @param methods value of Access-Control-Allow-Methods, or {@code *} to answer the one asked for
 * @param headers value of Access-Control-Allow-Headers, or {@code *} to answer those asked for
 * @param exposed value of Access-Control-Expose-Headers; empty for none
 * @param credentials whether requests with cookies and the like may be read; off by default
 * @param maxAge how long browsers keep the answer to a preflight; 1 h by default
 * @param privateNetwork whether pages of the public network may reach a private one; off by default
 */
record CorsConfig(
    OriginSet origins,
    String methods,
    String headers,
    String exposed,
    boolean credentials,
    Duration maxAge,
    boolean privateNetwork) {

  static final String ANY = "*";

  private static final List<String> SAFELISTED = List.of("GET", "HEAD", "POST");

  static CorsConfig decode(ConfigSection config) {
    OriginSet.Builder origins = new OriginSet.Builder();
    for (String origin :
        config
            .strings("allow-origins")
            .describe("origins whose pages may read; * for all, https://*.example.com for many")
            .check(list -> !list.isEmpty(), "at least one origin, or *")
            .required()) {
      try {
        origins.add(origin);
      } catch (IllegalArgumentException e) {
        config.problem("allow-origins", String.valueOf(e.getMessage()), OriginSet.EXPECTED);
      }
    }
    CorsConfig decoded =
        new CorsConfig(
            origins.build(),
            tokens(config, "allow-methods", "methods that may be used; * for all", SAFELISTED),
            tokens(
                config, "allow-headers", "request headers that may be sent; * for all", List.of()),
            tokens(config, "expose-headers", "response headers that may be read", List.of()),
            config
                .flag("allow-credentials")
                .describe("whether requests with cookies may be read")
                .orElse(false),
            config
                .duration("max-age")
                .describe("how long browsers keep the answer to a preflight")
                .orElse(Duration.ofHours(1)),
            config
                .flag("allow-private-network")
                .describe("whether public pages may reach this private network")
                .orElse(false));
    decoded.refuseOpenCredentials(config);
    return decoded;
  }

  /** A browser ignores credentials for {@code *}; and {@code null} is the origin of any sandbox. */
  private void refuseOpenCredentials(ConfigSection config) {
    if (!credentials) {
      return;
    }
    if (origins.isAny()) {
      config.problem(
          "allow-credentials", "cannot be on while allow-origins is *", "listed origins");
    }
    if (origins.hasNull()) {
      config.problem(
          "allow-credentials", "cannot be on while allow-origins has null", "listed origins");
    }
    if (exposed.equals(ANY)) {
      config.problem("expose-headers", "browsers do not take * with credentials", "header names");
    }
  }

  private static String tokens(
      ConfigSection config, String key, String meaning, List<String> fallback) {
    return config
        .strings(key)
        .describe(meaning)
        .map(CorsConfig::joined, "names, or * alone", "")
        .orElse(String.join(", ", fallback));
  }

  private static String joined(List<String> names) {
    for (String name : names) {
      if (!HeaderName.isToken(name)) {
        throw new IllegalArgumentException("\"" + name + "\" is not a name");
      }
    }
    if (names.contains(ANY) && names.size() > 1) {
      throw new IllegalArgumentException("has * among names");
    }
    return String.join(", ", names);
  }
}
