package io.sluice.plugin.clientcertificate;

import io.sluice.api.config.ConfigSection;

/**
 * The keys of {@code client-certificate}.
 *
 * @param format which header carries the certificate; RFC 9440's by default
 * @param chain whether the certificates between the client's and the authority go along; off by
 *     default
 * @param trusted what becomes of such headers from trusted proxies; replaced by default
 */
record ClientCertificateConfig(Format format, boolean chain, Trusted trusted) {

  /** Which header carries the certificate. */
  enum Format {
    /** {@code Client-Cert}, the certificate itself (RFC 9440). */
    CLIENT_CERT,
    /** {@code X-Forwarded-Client-Cert}, what it says, as Envoy writes it. */
    X_FORWARDED_CLIENT_CERT
  }

  /** What becomes of headers that a trusted proxy sends. */
  enum Trusted {
    /** What the connection itself shows counts, as with anybody else. */
    REPLACE,
    /** They pass as they are, where there are any. */
    KEEP
  }

  static ClientCertificateConfig decode(ConfigSection config) {
    Format format =
        config
            .choice("format", Format.class)
            .describe("the header to send: client-cert (RFC 9440) or x-forwarded-client-cert")
            .orElse(Format.CLIENT_CERT);
    boolean chain =
        config
            .flag("chain")
            .describe("whether the certificates up to the authority go along, in Client-Cert-Chain")
            .orElse(false);
    if (chain && format == Format.X_FORWARDED_CLIENT_CERT) {
      config.problem("chain", "has no effect on this format", "format = client-cert");
    }
    return new ClientCertificateConfig(
        format,
        chain,
        config
            .choice("trusted", Trusted.class)
            .describe("what becomes of such headers from trusted proxies: replace or keep")
            .orElse(Trusted.REPLACE));
  }
}
