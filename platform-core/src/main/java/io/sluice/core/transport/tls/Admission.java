package io.sluice.core.transport.tls;

import io.sluice.api.tls.ClientIdentity;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What let a client in: the certificate that it showed, if any, and the authorities that vouched
 * for it. A resumed session stands on the handshake that began it. On the event loop of its
 * connection.
 */
public final class Admission {

  private final @Nullable ClientIdentity client;
  private final List<X509Certificate> shown;
  private final long notAfter;
  private @Nullable TrustFile vouching;

  private Admission(
      @Nullable ClientIdentity client,
      List<X509Certificate> shown,
      long notAfter,
      @Nullable TrustFile vouching) {
    this.client = client;
    this.shown = shown;
    this.notAfter = notAfter;
    this.vouching = vouching;
  }

  /** Of a client that was not asked, or did not answer. */
  static Admission ofNobody() {
    return new Admission(null, List.of(), Long.MAX_VALUE, null);
  }

  /**
   * Of a client whose handshake verified what it showed.
   *
   * @param shown its certificate, then what was sent along with it
   * @param vouching by whom it was verified
   */
  static Admission of(List<X509Certificate> shown, TrustFile vouching) {
    X509Certificate leaf = shown.get(0);
    return new Admission(
        ClientIdentity.of(leaf, () -> vouching.issuersAmong(shown)),
        shown,
        leaf.getNotAfter().toInstant().toEpochMilli(),
        vouching);
  }

  /** Who the client is by its certificate, which the handshake verified; null without one. */
  public @Nullable ClientIdentity client() {
    return client;
  }

  /**
   * Whether a client with a certificate would be let in with it now. Verifies it again where others
   * vouch than did, once for each change.
   *
   * @param verifier null where nobody is asked
   * @param millis of the Unix epoch
   */
  boolean holds(@Nullable TrustFile authority, @Nullable Verifier verifier, long millis) {
    TrustFile before = vouching;
    if (before == null || authority == null || verifier == null || millis > notAfter) {
      return false;
    }
    if (before.sameAs(authority)) {
      return true;
    }
    try {
      verifier.checkClientTrusted(shown.toArray(X509Certificate[]::new), "UNKNOWN");
      vouching = authority;
      return true;
    } catch (CertificateException e) {
      vouching = null; // nobody does, whatever comes
      return false;
    }
  }
}
