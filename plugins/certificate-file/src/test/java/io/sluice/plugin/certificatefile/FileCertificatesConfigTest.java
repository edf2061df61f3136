package io.sluice.plugin.certificatefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
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
