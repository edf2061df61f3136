package io.sluice.plugin.certificatefile;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/** Certificates made for one test, and the notations of their keys. */
final class Made {

  private static final String PBES2 = "PBEWithHmacSHA256AndAES_256";

  private Made() {}

  static X509Bundle ec(String name) {
    return build(new CertificateBuilder().ecp256(), name);
  }

  static X509Bundle rsa(String name) {
    return build(new CertificateBuilder().rsa2048(), name);
  }

  static X509Bundle valid(String name, Instant from, Instant to) {
    return build(new CertificateBuilder().ecp256().notBefore(from).notAfter(to), name);
  }

  private static X509Bundle build(CertificateBuilder builder, String name) {
    try {
      return builder
          .subject("CN=" + name)
          .addSanDnsName(name)
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static Path write(Path folder, String name, String content) {
    try {
      return Files.writeString(folder.resolve(name), content, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What is inside of PKCS#8: PKCS#1 or SEC 1. Both fixed prefixes are as long as their keys need.
   */
  static byte[] inner(byte[] pkcs8) {
    // SEQUENCE, INTEGER 0, SEQUENCE algorithm, OCTET STRING
    int at = header(pkcs8, 0);
    at += 3;
    at = header(pkcs8, at) + length(pkcs8, at);
    int begin = header(pkcs8, at);
    return Arrays.copyOfRange(pkcs8, begin, begin + length(pkcs8, at));
  }

  private static int header(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first > 0x80 ? first - 0x80 : 0);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < first - 0x80; i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  /** An ECPrivateKey of P-256 that names its curve, which the JDK's does not. */
  static byte[] sec1(byte[] pkcs8) {
    byte[] inner = inner(pkcs8);
    byte[] curve = {(byte) 0xa0, 10, 6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 3, 1, 7};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] head = Arrays.copyOfRange(inner, 2, 2 + 3 + 34);
    out.write(0x30);
    out.write(head.length + curve.length);
    out.writeBytes(head);
    out.writeBytes(curve);
    return out.toByteArray();
  }

  static String pem(String label, byte[] octets) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** A leaf, who signed it, and who signed that; the first has the key. */
  static List<X509Bundle> chain() {
    try {
      X509Bundle root = ec("root");
      X509Bundle between =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=between")
              .setIsCertificateAuthority(true)
              .buildIssuedBy(root);
      X509Bundle leaf = new CertificateBuilder().ecp256().subject("CN=leaf").buildIssuedBy(between);
      return List.of(leaf, between, root);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, as {@code openssl pkcs8 -topk8} makes. */
  static String encrypted(X509Bundle bundle, String password) {
    try {
      SecureRandom random = new SecureRandom();
      byte[] salt = new byte[16];
      byte[] iv = new byte[16];
      random.nextBytes(salt);
      random.nextBytes(iv);
      SecretKey secret =
          SecretKeyFactory.getInstance(PBES2)
              .generateSecret(new PBEKeySpec(password.toCharArray()));
      Cipher cipher = Cipher.getInstance(PBES2);
      cipher.init(
          Cipher.ENCRYPT_MODE, secret, new PBEParameterSpec(salt, 2048, new IvParameterSpec(iv)));
      byte[] sealed = cipher.doFinal(bundle.getKeyPair().getPrivate().getEncoded());
      // Under the name of the scheme: JDK 17 has no object identifier for that of the functions.
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
      parameters.init(cipher.getParameters().getEncoded());
      return pem(
          "ENCRYPTED PRIVATE KEY", new EncryptedPrivateKeyInfo(parameters, sealed).getEncoded());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static void keystore(Path file, X509Bundle bundle, String password) {
    keystore(file, password, bundle);
  }

  static void keystore(Path file, String password, X509Bundle... bundles) {
    try (var out = Files.newOutputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (X509Bundle bundle : bundles) {
        store.setKeyEntry(
            bundle.getCertificate().getSubjectX500Principal().getName(),
            bundle.getKeyPair().getPrivate(),
            password.toCharArray(),
            bundle.getCertificatePath());
      }
      store.store(out, password.toCharArray());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
