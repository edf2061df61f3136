package io.sluice.plugin.certificatefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCertificatesConfigTest {

  private static final X509Bundle EC = Made.ec("ec.example.com");
  private static final X509Bundle RSA = Made.rsa("rsa.example.com");

  @TempDir Path folder;

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(CertificateSourceFactory.class))
        .anyMatch(factory -> factory.type().equals("file"));
  }

  @Test
  void readsPkcs8() {
    write(EC, EC.getPrivateKeyPEM());
    assertThat(only().key()).isEqualTo(EC.getKeyPair().getPrivate());
    write(RSA, RSA.getPrivateKeyPEM());
    assertThat(only().chain()).containsExactly(RSA.getCertificatePath());
  }

  @Test
  void readsPkcs1() {
    byte[] pkcs1 = Made.inner(RSA.getKeyPair().getPrivate().getEncoded());
    write(RSA, Made.pem("RSA PRIVATE KEY", pkcs1));
    assertThat(only().key()).isEqualTo(RSA.getKeyPair().getPrivate());
  }

  @Test
  void readsSec1WithTheParametersBeforeIt() {
    byte[] sec1 = Made.sec1(EC.getKeyPair().getPrivate().getEncoded());
    byte[] curve = {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 3, 1, 7};
    write(EC, Made.pem("EC PARAMETERS", curve) + Made.pem("EC PRIVATE KEY", sec1));
    assertThat(secret(only().key())).isEqualTo(secret(EC.getKeyPair().getPrivate()));
  }

  /** The number itself: JDK 17 tells keys apart by how they were written. */
  private static BigInteger secret(PrivateKey key) {
    return ((ECPrivateKey) key).getS();
  }

  @Test
  void readsAnEncryptedKey() {
    write(EC, Made.encrypted(EC, "open sesame"));
    assertThat(only("certificate = c.pem, key = k.pem, password = \"open sesame\"").key())
        .isEqualTo(EC.getKeyPair().getPrivate());
  }

  @Test
  void readsBothFromOneFileWhateverStandsBetween() {
    Made.write(
        folder,
        "both.pem",
        "Bag Attributes\n  friendlyName: x\n"
            + EC.getPrivateKeyPEM()
            + "subject=CN = a\r\n"
            + EC.getCertificatePathPEM());
    assertThat(only("certificate = both.pem").chain()).containsExactly(EC.getCertificatePath());
  }

  @Test
  void readsPkcs12() {
    Made.keystore(folder.resolve("s.p12"), RSA, "secret");
    assertThat(only("keystore = s.p12, password = secret").key())
        .isEqualTo(RSA.getKeyPair().getPrivate());
  }

  @Test
  void needsACertificate() {
    assertThat(problems(""))
        .containsExactly(at("names no certificate (expected: certificate = … or keystore = …)"));
    Made.keystore(folder.resolve("s.p12"), RSA, "secret");
    assertThat(problems("keystore = s.p12, key = k.pem, password = secret"))
        .containsExactly(
            at("keystore: stands beside certificate or key (expected: one of the two)"));
  }

  @Test
  void namesAFileThatIsMissing() {
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(at("certificate: no such file: " + folder.resolve("c.pem")));
    write(EC, "");
    assertThat(problems("certificate = c.pem, key = other.pem"))
        .containsExactly(at("key: no such file: " + folder.resolve("other.pem")));
    assertThat(problems("keystore = s.p12"))
        .containsExactly(at("keystore: no such file: " + folder.resolve("s.p12")));
    write(EC, EC.getPrivateKeyPEM());
    assertThat(problems("certificate = c.pem, key = k.pem, ocsp = o.der"))
        .containsExactly(at("ocsp: no such file: " + folder.resolve("o.der")));
  }

  @Test
  void refusesAKeyOfAnotherCertificate() {
    write(EC, Made.ec("other").getPrivateKeyPEM());
    String mismatch =
        "key: the key does not match the first certificate, CN=ec.example.com"
            + " (expected: the key of that certificate)";
    assertThat(problems("certificate = c.pem, key = k.pem")).containsExactly(at(mismatch));
    write(EC, RSA.getPrivateKeyPEM());
    assertThat(problems("certificate = c.pem, key = k.pem")).containsExactly(at(mismatch));
  }

  @Test
  void refusesAWrongOrMissingPassword() {
    write(EC, Made.encrypted(EC, "right"));
    assertThat(problems("certificate = c.pem, key = k.pem, password = wrong"))
        .containsExactly(at("password: does not open the key"));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(at("key: the key is encrypted (expected: password = ${…})"));
    Made.keystore(folder.resolve("s.p12"), RSA, "right");
    assertThat(problems("keystore = s.p12, password = wrong"))
        .containsExactly(at("password: does not open the keystore"));
  }

  @Test
  void refusesWhatIsNoKeyOrCertificate() {
    write(EC, "hello");
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(
            at(
                "key: the file holds no private key (expected: a PEM file with -----BEGIN PRIVATE KEY-----)"));
    assertThat(problems("certificate = k.pem"))
        .containsExactly(
            at(
                "certificate: the file holds no certificate (expected: a PEM file with -----BEGIN CERTIFICATE-----)"));
    write(EC, Made.pem("EC PRIVATE KEY", new byte[] {0x30, 3, 1, 2, 3}));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(at("key: the EC PRIVATE KEY is not readable"));
    Made.write(folder, "s.p12", "hello");
    assertThat(problems("keystore = s.p12, password = x"))
        .containsExactly(
            at(
                "keystore: "
                    + folder.resolve("s.p12")
                    + " is not readable as PKCS#12 (expected: a PKCS#12 file)"));
  }

  @Test
  void aResponseIsAboutOneCertificate() {
    Made.keystore(folder.resolve("s.p12"), "secret", RSA, EC);
    Made.write(folder, "o.der", "x");
    assertThat(problems("keystore = s.p12, password = secret, ocsp = o.der"))
        .containsExactly(
            at("ocsp: is for one certificate, and the keystore has 2 (expected: one each)"));
  }

  // ---- chains ----

  private void writeChain(X509Bundle leaf, X509Bundle... others) {
    StringBuilder chain = new StringBuilder(leaf.getCertificatePEM());
    for (X509Bundle other : others) {
      chain.append(other.getCertificatePEM());
    }
    Made.write(folder, "c.pem", chain.toString());
    Made.write(folder, "k.pem", leaf.getPrivateKeyPEM());
  }

  @Test
  void putsTheCertificatesOfAChainIntoTheirOrder() {
    List<X509Bundle> chain = Made.chain();
    writeChain(chain.get(0), chain.get(2), chain.get(1));
    assertThat(only().chain())
        .containsExactly(
            chain.get(0).getCertificate(),
            chain.get(1).getCertificate(),
            chain.get(2).getCertificate());
  }

  @Test
  void findsWhoSignedByItsKeyWhereSeveralHaveTheName() {
    List<X509Bundle> chain = Made.chain();
    writeChain(chain.get(0), chain.get(1), Made.ec("root"), chain.get(2));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(
            at(
                "certificate: the certificate of CN=root has no place in the chain, which ends"
                    + " with CN=root (expected: no more certificates)"));
  }

  @Test
  void refusesCertificatesThatAreNoPartOfTheChain() {
    List<X509Bundle> chain = Made.chain();
    writeChain(chain.get(0), chain.get(1), EC);
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(
            at(
                "certificate: the certificate of CN=ec.example.com has no place in the chain,"
                    + " which ends with CN=between (expected: that of CN=root, or no more)"));
    writeChain(chain.get(0), chain.get(2));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(
            at(
                "certificate: the certificate of CN=root has no place in the chain, which ends"
                    + " with CN=leaf (expected: that of CN=between, or no more)"));
  }

  @Test
  void refusesAHalfWrittenChain() {
    List<X509Bundle> chain = Made.chain();
    String leaf = chain.get(0).getCertificatePEM();
    String next = chain.get(1).getCertificatePEM();
    long line = leaf.lines().count() + 1;
    Made.write(folder, "k.pem", chain.get(0).getPrivateKeyPEM());
    for (int end = next.indexOf('\n'); end < next.lastIndexOf("-----"); end++) {
      Made.write(folder, "c.pem", leaf + next.substring(0, end));
      assertThat(problems("certificate = c.pem, key = k.pem"))
          .as("cut after %d", end)
          .singleElement()
          .asString()
          .startsWith(at("certificate: "));
    }
    Made.write(folder, "c.pem", leaf + next.substring(0, next.length() / 2));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(
            at(
                "certificate: the block of CERTIFICATE in line "
                    + line
                    + " of the file has no end (expected: a PEM file that is written to its end)"));
    Made.write(folder, "c.pem", leaf + next.substring(0, 8));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .containsExactly(
            at(
                "certificate: line "
                    + line
                    + " of the file neither begins nor ends a block"
                    + " (expected: a PEM file that is written to its end)"));
    Made.write(folder, "c.pem", next.substring(0, next.length() / 2) + "\n" + leaf);
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .singleElement()
        .asString()
        .startsWith(at("certificate: the block of CERTIFICATE in line 1 of the file has no end"));
  }

  // ---- keys and passwords of other kinds ----

  @Test
  void opensAKeyByAPasswordThatIsNotAscii() throws Exception {
    String sealed =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
            + "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjwvVw3CEYjoAICCAAw\n"
            + "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMJx9d1QGevPZRv8+A1IBXEEgZAd\n"
            + "CiedsRLkF8X82q+MGlCgpaH9Vcfz9WBfa10VjbF6EgahRjnyKBksFeoAohLNo+M/\n"
            + "4/oL0USyVLhtF2JQxl0ErsDBMbMY8UO40GkhYTzAqhOSvfb5XxrBve3ltikQiLGi\n"
            + "9It91nD4Jzk5kWSBcDZx0v5KAowX7c18+Spdw+VUakY+1QgE6Q14v2V10TmZgHI=\n"
            + "-----END ENCRYPTED PRIVATE KEY-----\n";
    byte[] spki =
        Base64.getDecoder()
            .decode(
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/Uhdy5AHq5XNBAgmFCZ6E3fFjyCs"
                    + "F5emUFlkSTc8F6mY3M1ZZhOD2c7lDTqOc0lsBTF/WHx+uMTc6CEot7c3CA==");
    PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
    X509Bundle authority = Made.ec("authority");
    write(new CertificateBuilder().publicKey(key).subject("CN=a").buildIssuedBy(authority), sealed);
    assertThat(
            only("certificate = c.pem, key = k.pem, password = \"p\u00e4ssw\u00f6rd \u2602\"")
                .key()
                .getAlgorithm())
        .isEqualTo("EC");
    assertThat(problems("certificate = c.pem, key = k.pem, password = \"p\u00e4ssw\u00f6rd\""))
        .containsExactly(at("password: does not open the key"));
  }

  @Test
  void saysThatAKeystoreMayNeedAPasswordOfAscii() {
    Made.keystore(folder.resolve("s.p12"), RSA, "right");
    assertThat(problems("keystore = s.p12, password = \"\u00e4\""))
        .containsExactly(
            at(
                "password: does not open the keystore"
                    + " (expected: a password of ASCII, which the JDK needs here)"));
  }

  @Test
  void refusesKeysOfKindsThatAreNotServed() throws Exception {
    String served = " (expected: a key of RSA, of EC on P-256, P-384 or P-521, or of Ed25519)";
    for (String algorithm : List.of("Ed448", "RSASSA-PSS", "DSA")) {
      KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
      write(EC, Made.pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
      assertThat(problems("certificate = c.pem, key = k.pem"))
          .containsExactly(at("key: the key is not readable" + served));
    }
    // On secp256k1, by OpenSSL: JDKs read it and sign nothing with it.
    write(
        EC,
        Made.pem(
            "PRIVATE KEY",
            Base64.getDecoder()
                .decode(
                    "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgwD8lDHArqN9lbsipSyXx"
                        + "BO8o0zZya4I1Q4MFaGc46WOhRANCAAT+ZU+oh6yGhcRoY0L0IB9PfTDug6ykqdzl"
                        + "GmC3OmMGptZK/Po70roBRyw6ChgbBG+5h/nrY27saOvNzFpeOTWy")));
    assertThat(problems("certificate = c.pem, key = k.pem"))
        .singleElement()
        .asString()
        .endsWith(served);
  }

  private static String at(String problem) {
    return "plugin.conf:1: " + problem;
  }

  private void write(X509Bundle certificate, String key) {
    Made.write(folder, "c.pem", certificate.getCertificatePathPEM());
    Made.write(folder, "k.pem", key);
  }

  private KeyedCertificate only() {
    return only("certificate = c.pem, key = k.pem");
  }

  private KeyedCertificate only(String hocon) {
    CertificateSource source =
        PluginTester.of(new FileCertificatesFactory()).in(folder).create(hocon).instance();
    List<KeyedCertificate> pushed = new ArrayList<>();
    source.start(
        new CertificateSource.Listener() {
          @Override
          public void onCertificates(List<KeyedCertificate> certificates) {
            pushed.addAll(certificates);
          }

          @Override
          public void onError(String problem, @Nullable Throwable cause) {
            throw new AssertionError(problem, cause);
          }
        });
    assertThat(pushed).hasSize(1);
    return pushed.get(0);
  }

  private List<String> problems(String hocon) {
    return PluginTester.of(new FileCertificatesFactory())
        .in(folder)
        .create(hocon)
        .problems()
        .stream()
        .map(line -> line.substring(Math.max(0, line.indexOf("plugin.conf:"))))
        .toList();
  }
}
