package io.sluice.core.transport.tls;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's {@code tls} block as configured.
 *
 * @param serverName whom endpoints must show to be; null for the host of each endpoint's address
 * @param authority PEM file of the authorities to trust; null for those that the JVM trusts
 * @param verify whether endpoints must show who they are
 * @param certificate the block of the client certificate's source; null for no client certificate
 * @param reload how often the files are looked at again; {@link ConfigSection#OFF} for never
 */
public record ClientTlsConfig(
    @Nullable String serverName,
    @Nullable Path authority,
    boolean verify,
    @Nullable LocatedSection certificate,
    Duration reload) {

  private static final Duration RELOAD = Duration.ofMinutes(1);

  /** What endpoints with a URL of the scheme https are spoken to by, without a block. */
  public static final ClientTlsConfig DEFAULT =
      new ClientTlsConfig(null, null, true, null, ConfigSection.OFF);

  /** Reads the block under {@code tls} of {@code owner}; null where it is absent or off. */
  public static @Nullable ClientTlsConfig decode(LocatedSection owner) {
    Element element =
        owner
            .element("tls")
            .describe(
                "the TLS that is spoken to endpoints; absent or off: none, but to https:// ones")
            .optional()
            .orElse(null);
    if (element == null || (element.isText() && element.text().equals("off"))) {
      return null;
    }
    if (!element.isSection()) {
      element.problem("not a block", "off or { … }");
      return null;
    }
    return decodeBlock(element.section());
  }

  private static ClientTlsConfig decodeBlock(LocatedSection config) {
    String serverName =
        config
            .string("server-name")
            .describe("whom endpoints must show to be; auto: the host of each one's address")
            .check(name -> name.equals("auto") || name.matches("[A-Za-z0-9._-]+"), "auto or a name")
            .orElse("auto");
    boolean verify =
        config.flag("verify").describe("whether endpoints must show who they are").orElse(true);
    Path authority = authority(config);
    if (!verify && authority != null) {
      config.problem("ca", "has no effect", "verify = on");
    }
    boolean identified = config.has("certificate") || config.has("keystore") || config.has("type");
    return new ClientTlsConfig(
        serverName.equals("auto") ? null : serverName,
        authority,
        verify,
        identified ? config : null,
        config
            .timeout("reload")
            .describe("how often certificate files are looked at again; off for never")
            .check(interval -> !interval.isZero(), "more than 0")
            .orElse(RELOAD));
  }

  private static @Nullable Path authority(LocatedSection config) {
    String meaning = "whom to trust: system for whom the JVM trusts, or a PEM file of authorities";
    Element element = config.element("ca").describe(meaning).optional().orElse(null);
    if (element == null || (element.isText() && element.text().equals("system"))) {
      return null;
    }
    Path file = config.file("ca").describe(meaning).optional().orElse(null);
    if (file != null) {
      try {
        TrustFile.read(file);
      } catch (IllegalArgumentException e) {
        config.problem(
            "ca", String.valueOf(e.getMessage()), "system or a PEM file of certificates");
      }
    }
    return file;
  }
}
