package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StapleTest {

  private static final Instant NOW = Instant.now();
  private static final Duration LIFE = Duration.ofDays(4);

  private final X509Bundle authority = Issued.authority("CN=Authority");
  private final X509Bundle leaf = issued(authority);

  private static X509Bundle issued(X509Bundle by) {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject("CN=a.example.com")
          .notBefore(NOW.minus(Duration.ofDays(30)))
          .notAfter(NOW.plus(Duration.ofDays(30)))
          .buildIssuedBy(by);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A response of {@code by} about {@code subject}. */
  private static byte[] response(
      X509Bundle by, X509Certificate subject, CertificateStatus status, @Nullable Instant until)
      throws Exception {
    CertificateID id =
        new CertificateID(
            new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1),
            new JcaX509CertificateHolder(by.getCertificate()),
            subject.getSerialNumber());
    return new OCSPRespBuilder()
        .build(
            OCSPRespBuilder.SUCCESSFUL,
            new BasicOCSPRespBuilder(
                    new RespID(new JcaX509CertificateHolder(by.getCertificate()).getSubject()))
                .addResponse(
                    id, status, Date.from(NOW), until == null ? null : Date.from(until), null)
                .build(
                    new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(by.getKeyPair().getPrivate()),
                    null,
                    Date.from(NOW)))
        .getEncoded();
  }

  private Staple staple(byte[] response) {
    return Staple.of(
        new KeyedCertificate(
            List.of(leaf.getCertificate(), authority.getCertificate()),
            leaf.getKeyPair().getPrivate(),
            List.of(),
            response));
  }

  private byte[] good() throws Exception {
    return response(authority, leaf.getCertificate(), CertificateStatus.GOOD, NOW.plus(LIFE));
  }

  @Test
  void aGoodResponseIsStapledUntilItIsOutOfDateAndNotAMomentLonger() throws Exception {
    byte[] response = good();
    Staple staple = staple(response);
    assertThat(staple.response()).as("not looked at yet").isNull();
    assertThat(staple.check(NOW)).as("nothing to tell").isFalse();
    assertThat(staple.response()).isSameAs(response);
    assertThat(staple.check(NOW.plus(LIFE).minus(Duration.ofMinutes(2)))).isFalse();
    assertThat(staple.response()).isSameAs(response);
    assertThat(staple.check(NOW.plus(LIFE).plusSeconds(1))).isTrue();
    assertThat(staple.response()).isNull();
    assertThat(staple.problem())
        .isEqualTo("it is out of date, or does not say how long it is good");
    assertThat(staple.check(NOW.plus(LIFE).plusSeconds(30))).as("told once").isFalse();
  }

  private void refuses(byte[] response, String why) {
    Staple staple = staple(response);
    assertThat(staple.check(NOW)).isTrue();
    assertThat(staple.response()).isNull();
    assertThat(staple.problem()).contains(why);
  }

  @Test
  void whatIsNotAboutThisCertificateIsNotStapled() throws Exception {
    X509Bundle other = issued(authority);
    refuses(
        response(authority, other.getCertificate(), CertificateStatus.GOOD, NOW.plus(LIFE)),
        "not a current one for this certificate by its authority");
  }

  @Test
  void whatAnotherAuthoritySignedIsNotStapled() throws Exception {
    refuses(
        response(
            Issued.authority("CN=Authority"),
            leaf.getCertificate(),
            CertificateStatus.GOOD,
            NOW.plus(LIFE)),
        "not a current one for this certificate by its authority");
  }

  @Test
  void badNewsIsNotStapled() throws Exception {
    refuses(
        response(
            authority, leaf.getCertificate(), new RevokedStatus(Date.from(NOW)), NOW.plus(LIFE)),
        "revoked");
  }

  @Test
  void whatDoesNotSayHowLongItIsGoodIsNotStapled() throws Exception {
    refuses(
        response(authority, leaf.getCertificate(), CertificateStatus.GOOD, null),
        "does not say how long");
  }

  @Test
  void whatIsOldOrForLaterIsNotStapled() throws Exception {
    byte[] response = good();
    Staple late = staple(response);
    late.check(NOW.plus(LIFE).plus(Duration.ofDays(1)));
    assertThat(late.response()).isNull();
    Staple early = staple(response);
    early.check(NOW.minus(Duration.ofDays(1)));
    assertThat(early.response()).isNull();
    assertThat(early.check(NOW)).as("its time has come").isTrue();
    assertThat(early.response()).isSameAs(response);
  }

  @Test
  void whatIsNoResponseIsNotStapled() throws Exception {
    refuses(new byte[] {1, 2, 3}, "not a current one");
    byte[] cut = good();
    refuses(java.util.Arrays.copyOf(cut, cut.length / 2), "not a current one");
  }

  @Test
  void withoutTheAuthorityNothingCanBeChecked() throws Exception {
    Staple staple =
        Staple.of(
            new KeyedCertificate(
                List.of(leaf.getCertificate()), leaf.getKeyPair().getPrivate(), List.of(), good()));
    staple.check(NOW);
    assertThat(staple.problem()).contains("authority is not in the chain");
    assertThat(staple.response()).isNull();
  }

  @Test
  void mostCertificatesHaveNone() {
    assertThat(
            Staple.of(
                new KeyedCertificate(
                    List.of(leaf.getCertificate()),
                    leaf.getKeyPair().getPrivate(),
                    List.of(),
                    null)))
        .isNull();
  }
}
