package io.sluice.core.transport.tls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The cipher suites that may be configured, by their names at IANA and at OpenSSL. All have forward
 * secrecy. The default are those of Mozilla's recommendation "intermediate", version 5.7, less its
 * three with finite-field Diffie-Hellman, which BoringSSL does not have.
 *
 * @see <a href="https://wiki.mozilla.org/Security/Server_Side_TLS">Server Side TLS</a>
 */
public enum CipherSuite {
  /** TLS 1.3. */
  AES_128_GCM("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", Rank.MODERN),
  /** TLS 1.3. */
  AES_256_GCM("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", Rank.MODERN),
  /** TLS 1.3. */
  CHACHA20("TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", Rank.MODERN),
  /** TLS 1.2. */
  ECDSA_AES_128_GCM(
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", Rank.DEFAULT),
  /** TLS 1.2. */
  RSA_AES_128_GCM(
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", Rank.DEFAULT),
  /** TLS 1.2. */
  ECDSA_AES_256_GCM(
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", Rank.DEFAULT),
  /** TLS 1.2. */
  RSA_AES_256_GCM(
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", Rank.DEFAULT),
  /** TLS 1.2. */
  ECDSA_CHACHA20(
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "ECDHE-ECDSA-CHACHA20-POLY1305",
      Rank.DEFAULT),
  /** TLS 1.2. */
  RSA_CHACHA20(
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305", Rank.DEFAULT),
  /** TLS 1.2 for old clients; not in the default. */
  ECDSA_AES_128_CBC(
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA", Rank.FOR_OLD_CLIENTS),
  /** TLS 1.2 for old clients; not in the default. */
  RSA_AES_128_CBC(
      "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA", Rank.FOR_OLD_CLIENTS),
  /** TLS 1.2 for old clients; not in the default. */
  ECDSA_AES_256_CBC(
      "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA", Rank.FOR_OLD_CLIENTS),
  /** TLS 1.2 for old clients; not in the default. */
  RSA_AES_256_CBC(
      "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA", Rank.FOR_OLD_CLIENTS);

  private enum Rank {
    /** TLS 1.3: always offered with that version, and not configurable (RFC 8446 §9.1). */
    MODERN,
    /** Offered unless configured otherwise. */
    DEFAULT,
    /** Offered only where asked for. */
    FOR_OLD_CLIENTS
  }

  private final String iana;
  private final String openssl;
  private final Rank rank;

  CipherSuite(String iana, String openssl, Rank rank) {
    this.iana = iana;
    this.openssl = openssl;
    this.rank = rank;
  }

  /** The suites of TLS 1.2 that are offered unless configured otherwise. */
  static List<CipherSuite> defaults() {
    return Arrays.stream(values()).filter(suite -> suite.rank == Rank.DEFAULT).toList();
  }

  /** What may be configured, for messages. */
  static String expected() {
    return "of "
        + Arrays.stream(values())
            .filter(suite -> suite.rank != Rank.MODERN)
            .map(suite -> suite.openssl)
            .collect(Collectors.joining(", "));
  }

  /**
   * Reads names of suites of TLS 1.2, either kind.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static List<CipherSuite> parse(List<String> names) {
    List<CipherSuite> suites = new ArrayList<>();
    for (String name : names) {
      suites.add(
          Arrays.stream(values())
              .filter(suite -> suite.rank != Rank.MODERN && suite.isCalled(name))
              .findFirst()
              .orElseThrow(
                  () -> new IllegalArgumentException("\"" + name + "\" cannot be configured")));
    }
    if (suites.isEmpty()) {
      throw new IllegalArgumentException("is empty");
    }
    return List.copyOf(suites);
  }

  private boolean isCalled(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.equals(iana) || upper.equals(openssl);
  }

  /** The suites to offer, those of TLS 1.3 first, by the names of IANA, which are the JDK's too. */
  static List<String> offer(List<CipherSuite> configured) {
    List<String> names = new ArrayList<>();
    for (CipherSuite suite : values()) {
      if (suite.rank == Rank.MODERN) {
        names.add(suite.iana);
      }
    }
    configured.forEach(suite -> names.add(suite.iana));
    return names;
  }
}
