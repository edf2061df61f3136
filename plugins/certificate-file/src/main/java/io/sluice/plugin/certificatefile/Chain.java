package io.sluice.plugin.certificatefile;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the certificates of a file into the order in which they are sent, each signed by the next
 * (RFC 5246 §7.4.2), since files are put together by hand.
 */
final class Chain {

  private Chain() {}

  /**
   * The first certificate, then who signed it, and so on.
   *
   * @throws Unusable where one of them signed none of the others: it is here by mistake, or one
   *     between is missing
   */
  static List<X509Certificate> ordered(String key, List<X509Certificate> found) throws Unusable {
    List<X509Certificate> rest = new ArrayList<>(found);
    List<X509Certificate> chain = new ArrayList<>();
    X509Certificate last = rest.remove(0);
    chain.add(last);
    while (!rest.isEmpty()) {
      X509Certificate issuer = issuer(last, rest);
      if (issuer == null) {
        throw new Unusable(
            key,
            "the certificate of %s has no place in the chain, which ends with %s"
                .formatted(name(rest.get(0)), name(last)),
            last.getIssuerX500Principal().equals(last.getSubjectX500Principal())
                ? "no more certificates"
                : "that of " + last.getIssuerX500Principal().getName() + ", or no more");
      }
      rest.remove(issuer);
      chain.add(issuer);
      last = issuer;
    }
    return List.copyOf(chain);
  }

  private static @Nullable X509Certificate issuer(
      X509Certificate signed, List<X509Certificate> among) {
    return among.stream().filter(each -> signed(signed, each)).findFirst().orElse(null);
  }

  private static boolean signed(X509Certificate certificate, X509Certificate by) {
    if (!by.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
      return false;
    }
    try {
      certificate.verify(by.getPublicKey());
      return true;
    } catch (SignatureException | InvalidKeyException e) {
      return false; // another's key, of somebody with the same name
    } catch (GeneralSecurityException e) {
      return true; // a signature that is not known here, and may be to clients
    }
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }
}
