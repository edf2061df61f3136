package io.sluice.core.transport.tls;

import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The OCSP response (RFC 6960) that came with a certificate, for stapling (RFC 6066 §8). Only one
 * that clients can make use of is: signed for the certificate's authority, about this certificate,
 * saying that it is good, and fresh. A client that gets another one may well give up where it would
 * have been content with none.
 *
 * <p>{@link #check} again and again, since responses grow old; everything else is for any thread.
 */
final class Staple {

  /**
   * How far the JDK lets a response be out of date, and a minute: what passes this much later is
   * fresh now without that leniency, and until the next look.
   */
  private static final Duration LENIENCY = Duration.ofMinutes(16);

  private final KeyedCertificate certificate;
  private final byte[] response;
  private volatile boolean good;
  private @Nullable String problem;

  private Staple(KeyedCertificate certificate, byte[] response) {
    this.certificate = certificate;
    this.response = response;
  }

  /** Of a certificate that has a response; null for others. */
  static @Nullable Staple of(KeyedCertificate certificate) {
    byte[] response = certificate.ocspResponse();
    return response == null || certificate.chain().isEmpty()
        ? null
        : new Staple(certificate, response);
  }

  /** What to staple; null while nothing is to be. */
  byte @Nullable [] response() {
    return good ? response : null;
  }

  /** Whose certificate it is about, for messages. */
  String subject() {
    return certificate.chain().get(0).getSubjectX500Principal().getName();
  }

  /** Why nothing is stapled, as of the last check; null where something is. */
  synchronized @Nullable String problem() {
    return problem;
  }

  /** Looks whether it can be stapled now; answers whether that, or why not, has changed. */
  synchronized boolean check(Instant now) {
    String found = problem(now);
    boolean changed = !Objects.equals(found, problem);
    problem = found;
    good = found == null;
    return changed;
  }

  private @Nullable String problem(Instant now) {
    if (certificate.chain().size() < 2) {
      return "the certificate of the authority is not in the chain, so it cannot be checked";
    }
    try {
      validate(now);
    } catch (CertPathValidatorException e) {
      return e.getReason() == BasicReason.REVOKED
          ? "it says that the certificate is revoked"
          : "it is not a current one for this certificate by its authority: " + e.getMessage();
    }
    try {
      validate(now.plus(LENIENCY));
      return null;
    } catch (CertPathValidatorException e) {
      return "it is out of date, or does not say how long it is good";
    }
  }

  /** By the JDK: RFC 5280 §6 with one certificate, whose revocation the response tells of. */
  private void validate(Instant at) throws CertPathValidatorException {
    X509Certificate leaf = certificate.chain().get(0);
    try {
      CertPathValidator validator = CertPathValidator.getInstance("PKIX");
      PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
      checker.setOptions(
          EnumSet.of(
              PKIXRevocationChecker.Option.ONLY_END_ENTITY,
              PKIXRevocationChecker.Option.NO_FALLBACK)); // nothing is fetched
      checker.setOcspResponses(Map.of(leaf, response));
      PKIXParameters parameters =
          new PKIXParameters(Set.of(new TrustAnchor(certificate.chain().get(1), null)));
      parameters.addCertPathChecker(checker);
      parameters.setDate(Date.from(at));
      validator.validate(
          CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
    } catch (CertPathValidatorException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new CertPathValidatorException(e.getMessage(), e);
    }
  }
}
