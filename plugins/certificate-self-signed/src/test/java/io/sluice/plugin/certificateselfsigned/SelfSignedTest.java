package io.sluice.plugin.certificateselfsigned;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.math.BigInteger;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelfSignedTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static SelfSigned made(String... names) {
    return SelfSigned.make(List.of(names), NOW, Duration.ofDays(30));
  }

  @Test
  void theCertificateSaysWhatItIsForAndSinceWhen() throws Exception {
    X509Certificate certificate =
        made("a.example.com", "*.b.example.com", "192.0.2.1", "2001:db8::1").certificate();
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getSubjectAlternativeNames())
        .containsExactly(
            List.of(2, "a.example.com"),
            List.of(2, "*.b.example.com"),
            List.of(7, "192.0.2.1"),
            List.of(7, "2001:db8:0:0:0:0:0:1"));
    assertThat(certificate.getNotBefore()).isEqualTo(Date.from(NOW.minusSeconds(300)));
    assertThat(certificate.getNotAfter()).isEqualTo(Date.from(NOW.plus(Duration.ofDays(30))));
    assertThat(certificate.getBasicConstraints()).as("no authority").isEqualTo(-1);
    assertThat(certificate.getKeyUsage()).startsWith(true, false, false);
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getSerialNumber().signum()).isPositive();
    assertThat(certificate.getSerialNumber().bitLength()).isLessThanOrEqualTo(159);
    assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
  }

  @Test
  void theKeyIsThatOfTheCertificateAndSignedIt() throws Exception {
    SelfSigned made = made("localhost");
    made.certificate().verify(made.certificate().getPublicKey());
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(made.key());
    signature.update(new byte[] {1, 2, 3});
    byte[] signed = signature.sign();
    signature.initVerify(made.certificate());
    signature.update(new byte[] {1, 2, 3});
    assertThat(signature.verify(signed)).isTrue();
  }

  @Test
  void noTwoAreAlike() {
    X509Certificate one = made("localhost").certificate();
    X509Certificate other = made("localhost").certificate();
    assertThat(one.getSerialNumber()).isNotEqualTo(other.getSerialNumber());
    assertThat(one.getPublicKey()).isNotEqualTo(other.getPublicKey());
  }

  @Test
  void datesBeyond2049AreWrittenInFull() {
    Instant late = Instant.parse("2049-12-20T00:00:00Z");
    X509Certificate certificate =
        SelfSigned.make(List.of("a"), late, Duration.ofDays(30)).certificate();
    assertThat(certificate.getNotAfter()).isEqualTo(Date.from(late.plus(Duration.ofDays(30))));
    assertThat(Der.time(late)[0]).isEqualTo((byte) 0x17);
    assertThat(Der.time(late.plus(Duration.ofDays(30)))[0]).isEqualTo((byte) 0x18);
  }

  @ParameterizedTest
  @CsvSource({"0, 0400", "127, 047F", "128, 048180", "255, 0481FF", "256, 04820100"})
  void lengthsAreAsShortAsTheyCanBe(int length, String begins) {
    byte[] encoded = Der.element(0x04, new byte[length]);
    assertThat(HexFormat.of().withUpperCase().formatHex(encoded)).startsWith(begins);
    assertThat(encoded).hasSize(length + begins.length() / 2);
  }

  @Test
  void identifiersAndIntegersAreEncodedAsInTheStandard() {
    // The examples of X.690 §8.19.5 and a number whose first bit would read as a sign.
    assertThat(HexFormat.of().formatHex(Der.oid(2, 39, 3))).isEqualTo("06027703");
    assertThat(HexFormat.of().formatHex(Der.oid(1, 2, 840, 10045, 4, 3, 2)))
        .isEqualTo("06082a8648ce3d040302");
    assertThat(HexFormat.of().formatHex(Der.integer(BigInteger.valueOf(128))))
        .isEqualTo("02020080");
  }

  // ---- the source ----

  private final FakePluginContext context = new FakePluginContext();
  private final List<X509Certificate> pushed = new ArrayList<>();

  private CertificateSource started(String config) {
    CertificateSource source =
        PluginTester.of(new SelfSignedFactory()).with(context).create(config).instance();
    source.start(
        new CertificateSource.Listener() {
          @Override
          public void onCertificates(List<KeyedCertificate> certificates) {
            assertThat(certificates).hasSize(1);
            pushed.add(certificates.get(0).chain().get(0));
          }

          @Override
          public void onError(String problem, @Nullable Throwable cause) {
            throw new AssertionError(problem, cause);
          }
        });
    return source;
  }

  @Test
  void makesAnotherOneAfterTwoThirdsOfItsLife() {
    started("validity = 30m");
    assertThat(pushed).hasSize(1);
    context.advance(Duration.ofMinutes(19));
    assertThat(pushed).hasSize(1);
    context.advance(Duration.ofMinutes(2));
    assertThat(pushed).hasSize(2);
    context.advance(Duration.ofMinutes(21));
    assertThat(pushed).hasSize(3).doesNotHaveDuplicates();
    assertThat(pushed.get(2).getNotAfter()).isAfter(pushed.get(1).getNotAfter());
  }

  @Test
  void makesNoMoreOnceClosed() {
    started("").close();
    context.advance(Duration.ofDays(60));
    assertThat(pushed).hasSize(1);
  }

  @Test
  void isForThisMachineUnlessToldOtherwise() throws Exception {
    started("");
    assertThat(pushed.get(0).getSubjectAlternativeNames())
        .containsExactly(
            List.of(2, "localhost"), List.of(7, "127.0.0.1"), List.of(7, "0:0:0:0:0:0:0:1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = self-signed",
        "names = [a.example, \"*.b.example\", \"::1\"], validity = 10m",
        "validity = 398d"
      })
  void accepts(String config) {
    assertThat(problems(config)).isEmpty();
  }

  @Test
  void refusesWhatIsNoNameAndLivesThatAreTooLongOrShort() {
    assertThat(problems("names = []")).singleElement().asString().contains("names");
    assertThat(problems("names = [\"a b\"]")).singleElement().asString().contains("host names");
    assertThat(problems("names = [\"1:2\"]")).singleElement().asString().contains("addresses");
    assertThat(problems("names = [\"host:1\"]")).singleElement().asString().contains("addresses");
    assertThat(problems("validity = 9m")).singleElement().asString().contains("10m to 398d");
    assertThat(problems("validity = 399d")).singleElement().asString().contains("10m to 398d");
  }

  private static List<String> problems(String config) {
    return PluginTester.of(new SelfSignedFactory()).create(config).problems();
  }
}
