package io.sluice.core.transport.tls;

import io.netty.handler.ssl.ClientAuth;
import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listener's {@code tls} block as configured.
 *
 * @param certificates the blocks of certificate sources, not looked into
 * @param clientAuthority whom client certificates must come from; null without client certificates
 * @param ciphers the suites of TLS 1.2
 * @param applicationProtocols what ALPN may choose from where octets pass unread, best first
 * @param ticketRotation how long a ticket key seals; null for no tickets
 * @param reload how often sources and files are looked at again; {@link ConfigSection#OFF} for
 *     never
 */
public record ServerTlsConfig(
    List<LocatedSection> certificates,
    Clients clients,
    @Nullable Path clientAuthority,
    TlsVersion minVersion,
    List<CipherSuite> ciphers,
    @Nullable Duration ticketRotation,
    List<String> applicationProtocols,
    Duration reload) {

  /** Whether clients show a certificate. */
  public enum Clients {
    /** They are not asked. */
    NONE,
    /** They are asked and need not; one that is shown must be good. */
    OPTIONAL,
    /** They must. */
    REQUIRED;

    ClientAuth netty() {
      return switch (this) {
        case NONE -> ClientAuth.NONE;
        case OPTIONAL -> ClientAuth.OPTIONAL;
        case REQUIRED -> ClientAuth.REQUIRE;
      };
    }
  }

  /**
   * Reads the block under {@code tls} of {@code owner}; null where it is absent or off.
   *
   * @param opaque whether the octets under the TLS pass unread, so that only the configuration can
   *     say what protocol they are
   */
  public static @Nullable ServerTlsConfig decode(LocatedSection owner, boolean opaque) {
    Element element =
        owner
            .element("tls")
            .describe("the TLS that is spoken here; absent or off: plaintext")
            .optional()
            .orElse(null);
    if (element == null || (element.isText() && element.text().equals("off"))) {
      return null;
    }
    if (!element.isSection()) {
      element.problem("not a block", "off or { certificates = [ … ] }");
      return null;
    }
    return decodeBlock(element.section(), opaque);
  }

  private static ServerTlsConfig decodeBlock(LocatedSection config, boolean opaque) {
    Clients clients =
        config
            .choice("client-auth", Clients.class)
            .describe("whether clients show a certificate: none, optional or required")
            .orElse(Clients.NONE);
    return new ServerTlsConfig(
        certificates(config),
        clients,
        clientAuthority(config, clients),
        config
            .string("min-version")
            .describe("the oldest version spoken: TLSv1.2 or TLSv1.3")
            .map(TlsVersion::parse, TlsVersion.EXPECTED, TlsVersion.TLS_1_2)
            .orElse(TlsVersion.TLS_1_2),
        config
            .strings("ciphers")
            .describe("suites of TLS 1.2, best first, by their names at OpenSSL or IANA")
            .map(CipherSuite::parse, CipherSuite.expected(), CipherSuite.defaults())
            .orElse(CipherSuite.defaults()),
        tickets(config),
        applicationProtocols(config, opaque),
        config
            .timeout("reload")
            .describe("how often certificate files are looked at again; off for never")
            .check(interval -> !interval.isZero(), "more than 0")
            .orElse(Duration.ofMinutes(1)));
  }

  private static List<LocatedSection> certificates(LocatedSection config) {
    List<LocatedSection> blocks = new ArrayList<>();
    for (Element element :
        config
            .elements("certificates")
            .describe("certificate sources; the first serves clients that name no known server")
            .required()) {
      if (element.isList()) {
        element.problem("not a certificate", "{ certificate = …, key = … } or a type");
      } else {
        blocks.add(element.section());
      }
      if (element.isText()) {
        element.problem("\"" + element.text() + "\" is no block", "{ certificate = …, key = … }");
      }
    }
    if (blocks.isEmpty() && config.has("certificates")) {
      config.problem("certificates", "is empty", "at least one { certificate = …, key = … }");
    }
    return List.copyOf(blocks);
  }

  private static @Nullable Path clientAuthority(LocatedSection config, Clients clients) {
    Path file =
        config
            .file("client-ca")
            .describe("PEM file of the authorities that client certificates must come from")
            .optional()
            .orElse(null);
    if (clients == Clients.NONE) {
      if (file != null) {
        config.problem("client-ca", "has no effect", "client-auth = optional or required");
      }
      return null;
    }
    if (file == null) {
      config.problem("client-auth", "needs client-ca", "client-ca = a PEM file of authorities");
      return null;
    }
    try {
      TrustFile.read(file);
    } catch (IllegalArgumentException e) {
      config.problem("client-ca", String.valueOf(e.getMessage()), "a PEM file of certificates");
    }
    return file;
  }

  private static List<String> applicationProtocols(LocatedSection config, boolean opaque) {
    List<String> names =
        config
            .strings("alpn")
            .describe("protocols that ALPN may choose from, best first; for protocol = tcp")
            .check(
                list -> list.stream().allMatch(name -> name.matches("[!-~]{1,255}")),
                "names such as postgresql")
            .orElse(List.of());
    if (!opaque && config.has("alpn")) {
      config.problem("alpn", "follows from the HTTP versions that are on", "no such key");
      return List.of();
    }
    return names;
  }

  private static @Nullable Duration tickets(LocatedSection config) {
    Element element =
        config
            .element("tickets")
            .describe("session tickets, by which clients come back cheaply; off for none")
            .optional()
            .orElse(null);
    if (element != null && element.isText() && element.text().equals("off")) {
      return null;
    }
    if (element != null && !element.isSection()) {
      element.problem("not a block", "off or { rotate = 12h }");
    }
    LocatedSection section =
        element == null || !element.isSection() ? config.empty("tickets") : element.section();
    return section
        .duration("rotate")
        .describe("how long one key seals tickets; it opens them for as long again")
        .check(
            time ->
                time.compareTo(Duration.ofMinutes(1)) >= 0
                    && time.compareTo(Duration.ofDays(3)) <= 0,
            "1m to 3d")
        .orElse(Duration.ofHours(12));
  }
}
