package io.sluice.plugin.requestid;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import java.util.Locale;
import java.util.Set;

/**
 * The keys of {@code request-id}.
 *
 * @param header the header that carries the id; X-Request-Id by default
 * @param trust whose incoming ids are kept; trusted by default
 * @param format how an id of our own is written; uuid by default
 * @param echo whether the response carries the id too; on by default
 */
record RequestIdConfig(HeaderName header, Trust trust, Format format, boolean echo) {

  private static final Set<String> RESERVED =
      Set.of(
          "connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade");

  /** Whose incoming ids are kept. */
  enum Trust {
    /** Those that the listener's trusted proxies send. */
    TRUSTED,
    /** Everyone's. */
    ALWAYS,
    /** Nobody's. */
    NEVER
  }

  /** How an id is written. */
  enum Format {
    /** A version 4 UUID (RFC 9562 §5.4). */
    UUID,
    /** 32 hexadecimal digits, as trace ids are written. */
    HEX
  }

  static RequestIdConfig decode(ConfigSection config) {
    HeaderName fallback = HeaderName.of("X-Request-Id");
    return new RequestIdConfig(
        config
            .string("header")
            .describe("header that carries the id")
            .check(
                name -> !RESERVED.contains(name.toLowerCase(Locale.ROOT)),
                "a header that is not the proxy's own")
            .map(HeaderName::of, "a header name", fallback)
            .orElse(fallback),
        config
            .choice("trust", Trust.class)
            .describe("whose incoming ids are kept: trusted proxies', everyone's, nobody's")
            .orElse(Trust.TRUSTED),
        config.choice("format", Format.class).describe("how an id is written").orElse(Format.UUID),
        config.flag("echo").describe("whether the response carries the id too").orElse(true));
  }
}
