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

  private KeyMatch() {}

  static boolean belongs(PrivateKey key, X509Certificate certificate) {
    PublicKey mine = certificate.getPublicKey();
    String algorithm = signature(key.getAlgorithm());
    if (algorithm == null || !algorithm.equals(signature(mine.getAlgorithm()))) {
      return false;
    }
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(ANYTHING);
      byte[] signed = signer.sign();
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
