package io.sluice.api.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a listener's certificates come from: files, a generator for demos, or an ACME account. One
 * instance for each {@code tls} block.
 *
 * <p>A source pushes whole sets; the listener swaps them without touching open connections. A
 * source that fails keeps its last good set and reports.
 */
public interface CertificateSource extends AutoCloseable {

  /** Begins. Must not block; sets come later, from any thread, one at a time. */
  void start(Listener listener);

  /**
   * The answer to a challenge of an authority that is validating a name, for ACME's tls-alpn-01
   * (RFC 8737): asked when a client offers only the protocol {@code acme-tls/1}. Must not block.
   *
   * @return the challenge certificate, or null
   */
  default @Nullable KeyedCertificate challenge(String serverName) {
    return null;
  }

  /**
   * The key authorization for ACME's http-01 challenge (RFC 8555 §8.3): asked for a request to
   * {@code /.well-known/acme-challenge/TOKEN} on any plaintext listener. Must not block.
   */
  default @Nullable String httpChallenge(String token) {
    return null;
  }

  /** Stops; no call to the listener begins afterwards. */
  @Override
  void close();

  /** Hears of changes. */
  interface Listener {
    /** The whole set as of now. The first one serves clients that send no server name. */
    void onCertificates(List<KeyedCertificate> certificates);

    /** The set could not be renewed. Logged on change, metered always. */
    void onError(String problem, @Nullable Throwable cause);
  }

  /**
   * A certificate with its key.
   *
   * @param chain leaf first
   * @param key the private key of the leaf
   * @param names server names it serves, wildcards included; empty means those in the leaf
   * @param ocspResponse a DER-encoded OCSP response to staple, or null
   */
  record KeyedCertificate(
      List<X509Certificate> chain,
      PrivateKey key,
      List<String> names,
      byte @Nullable [] ocspResponse) {}
}
