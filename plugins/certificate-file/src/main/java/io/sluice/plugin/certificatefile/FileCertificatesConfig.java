package io.sluice.plugin.certificatefile;

import io.sluice.api.config.ConfigSection;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the {@code file} certificate source. Either {@code certificate} or {@code keystore}
 * is there, unless there was a problem.
 *
 * @param certificate PEM, leaf first
 * @param key PEM; null where it stands in {@code certificate}
 * @param keystore PKCS#12
 * @param password of the key or the store
 * @param ocsp a DER-encoded OCSP response
 * @param loaded what the files held; null beside a problem
 */
record FileCertificatesConfig(
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path keystore,
    char @Nullable [] password,
    @Nullable Path ocsp,
    @Nullable Loaded loaded) {

  static FileCertificatesConfig decode(ConfigSection config, Clock clock) {
    Optional<Path> certificate =
        config
            .file("certificate")
            .describe("PEM file of the certificate and those between it and its authority")
            .optional();
    Optional<Path> key =
        config
            .file("key")
            .describe("PEM file of the private key; absent: it stands in certificate")
            .optional();
    Optional<Path> keystore =
        config.file("keystore").describe("PKCS#12 file of certificates with keys").optional();
    Optional<String> password =
        config.string("password").describe("of an encrypted key or of the keystore").optional();
    Optional<Path> ocsp =
        config.file("ocsp").describe("DER file of the OCSP response to staple").optional();
    FileCertificatesConfig read =
        new FileCertificatesConfig(
            certificate.orElse(null),
            key.orElse(null),
            keystore.orElse(null),
            password.map(String::toCharArray).orElse(null),
            ocsp.orElse(null),
            null);
    return read.consistent(config) ? read.loaded(config, clock) : read;
  }

  private boolean consistent(ConfigSection config) {
    if (keystore == null && !config.has("certificate")) {
      if (!config.has("keystore")) {
        config.problem("", "names no certificate", "certificate = … or keystore = …");
      }
      return false;
    }
    if (keystore != null && (certificate != null || key != null)) {
      config.problem("keystore", "stands beside certificate or key", "one of the two");
      return false;
    }
    return keystore != null || certificate != null;
  }

  private FileCertificatesConfig loaded(ConfigSection config, Clock clock) {
    try {
      Loaded now = Loaded.read(this, clock);
      return new FileCertificatesConfig(certificate, key, keystore, password, ocsp, now);
    } catch (Unusable e) {
      config.problem(e.key(), e.problem(), e.expected());
      return this;
    }
  }
}
