package io.sluice.plugin.certificateselfsigned;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A key on P-256 with a certificate for it that it signed itself (RFC 5280 §4.1, version 3; ECDSA
 * with SHA-256, RFC 5758 §3.2). It is good for servers and for nothing else.
 */
record SelfSigned(X509Certificate certificate, PrivateKey key) {

  /** Clocks of clients differ: it is good from a little earlier on. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private static final int SERIAL_BITS = 127;
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
  private static final byte[] BASIC_CONSTRAINTS = Der.oid(2, 5, 29, 19);
  private static final byte[] KEY_USAGE = Der.oid(2, 5, 29, 15);
  private static final byte[] EXTENDED_KEY_USAGE = Der.oid(2, 5, 29, 37);
  private static final byte[] SUBJECT_ALTERNATIVE_NAME = Der.oid(2, 5, 29, 17);
  private static final byte[] SERVER_AUTHENTICATION = Der.oid(1, 3, 6, 1, 5, 5, 7, 3, 1);

  /** The first bit: the key signs, and does nothing else (RFC 5280 §4.2.1.3). */
  private static final byte[] DIGITAL_SIGNATURE = Der.bits(7, new byte[] {(byte) 0x80});

  static SelfSigned make(List<String> names, Instant now, Duration validity) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      byte[] subject = new X500Principal("CN=Self-signed by Sluice").getEncoded();
      byte[] content =
          Der.sequence(
              Der.explicit(0, Der.integer(BigInteger.TWO)),
              Der.integer(new BigInteger(SERIAL_BITS, RANDOM).setBit(0)),
              ECDSA_WITH_SHA256,
              subject,
              Der.sequence(Der.time(now.minus(SKEW)), Der.time(now.plus(validity))),
              subject,
              pair.getPublic().getEncoded(),
              Der.explicit(3, extensions(names)));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(pair.getPrivate());
      signature.update(content);
      byte[] whole = Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(whole));
      return new SelfSigned(certificate, pair.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256 and SHA-256", e);
    }
  }

  private static byte[] extensions(List<String> names) {
    byte[][] encoded = names.stream().map(SubjectName::encode).toArray(byte[][]::new);
    return Der.sequence(
        Der.sequence(BASIC_CONSTRAINTS, Der.yes(), Der.octets(Der.sequence())),
        Der.sequence(KEY_USAGE, Der.yes(), Der.octets(DIGITAL_SIGNATURE)),
        Der.sequence(EXTENDED_KEY_USAGE, Der.octets(Der.sequence(SERVER_AUTHENTICATION))),
        Der.sequence(SUBJECT_ALTERNATIVE_NAME, Der.octets(Der.sequence(encoded))));
  }
}
