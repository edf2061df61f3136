package io.sluice.plugin.certificatefile;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Tells whether a key is that of a certificate, by signing with the one for the other. */
final class KeyMatch {

  private static final byte[] ANYTHING = "sluice".getBytes(StandardCharsets.US_ASCII);

  /** Whose keys serve. */
  static final String SERVED = "a key of RSA, of EC on P-256, P-384 or P-521, or of Ed25519";

  private KeyMatch() {}

  /** Whether signatures can be made with a key: the JDK reads some of which it makes none. */
  static boolean signs(PrivateKey key) {
    String algorithm = signature(key.getAlgorithm());
    try {
      return algorithm != null && sign(algorithm, key).length > 0;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static byte[] sign(String algorithm, PrivateKey key) throws GeneralSecurityException {
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(ANYTHING);
    return signer.sign();
  }

  static boolean belongs(PrivateKey key, X509Certificate certificate) {
    PublicKey mine = certificate.getPublicKey();
    String algorithm = signature(key.getAlgorithm());
    if (algorithm == null || !algorithm.equals(signature(mine.getAlgorithm()))) {
      return false;
    }
    try {
      byte[] signed = sign(algorithm, key);
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(mine);
      verifier.update(ANYTHING);
      return verifier.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // a signature of the wrong size is refused so
    }
  }

  private static @Nullable String signature(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      case "EdDSA", "Ed25519" -> "Ed25519";
      default -> null;
    };
  }
}
