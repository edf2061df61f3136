package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.cert.CertificateException;
import org.junit.jupiter.api.Test;

class PemCertificatesTest {

  private final X509Bundle one = authority("CN=one");
  private final X509Bundle two = authority("CN=two");

  private static X509Bundle authority(String subject) {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject(subject)
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void readsThemWhateverStandsBetween() throws Exception {
    String pem =
        "# ours\r\n"
            + one.getCertificatePEM()
            + "---\nsubject=CN = two\n"
            + two.getPrivateKeyPEM()
            + two.getCertificatePEM().replace("\n", "\r\n");
    assertThat(PemCertificates.read(pem))
        .containsExactly(one.getCertificate(), two.getCertificate());
  }

  @Test
  void readsTheirOctetsToo() throws Exception {
    assertThat(PemCertificates.read(one.getCertificate().getEncoded()))
        .containsExactly(one.getCertificate());
  }

  @Test
  void aFileThatIsCutIsUnreadableAsAWhole() {
    String next = two.getCertificatePEM();
    for (int end = 5; end < next.lastIndexOf("-----") + 5; end++) {
      String cut = one.getCertificatePEM() + next.substring(0, end);
      assertThatThrownBy(() -> PemCertificates.read(cut))
          .as("after %d", end)
          .isInstanceOf(CertificateException.class);
    }
    assertThatThrownBy(() -> PemCertificates.read(next.substring(0, 100) + "\n" + next))
        .hasMessage("the block of CERTIFICATE in line 1 has no end");
    assertThatThrownBy(() -> PemCertificates.read(next + "-----END CERTIFICATE-----"))
        .hasMessageEndingWith("neither begins nor ends a block");
    assertThatThrownBy(() -> PemCertificates.read(next.replace("-----BEGIN", "?-----\n-----BEGIN")))
        .hasMessage("line 1 neither begins nor ends a block");
  }

  @Test
  void refusesWhatIsNone() {
    for (String text : new String[] {"", "hello", two.getPrivateKeyPEM()}) {
      assertThatThrownBy(() -> PemCertificates.read(text)).isInstanceOf(CertificateException.class);
    }
  }
}
