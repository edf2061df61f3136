package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTest {

  private final X509Bundle authority = Issued.authority("CN=Authority");
  private final X509Bundle expired = Issued.expired("old.example.com");
  private final X509Bundle pinned = Issued.by(Issued.authority("CN=Other"), "a.example.com");

  @TempDir Path folder;

  private Verifier verifier() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("ca.pem"),
            authority.getCertificatePEM()
                + expired.getCertificatePEM()
                + pinned.getCertificatePEM());
    return Verifier.by(TrustFile.read(file));
  }

  private static X509Certificate[] shown(X509Bundle bundle) {
    return new X509Certificate[] {bundle.getCertificate()};
  }

  @Test
  void whatAnAuthoritySignedOrIsTrustedItselfIsGood() throws Exception {
    Verifier verifier = verifier();
    for (X509Bundle each : new X509Bundle[] {Issued.by(authority, "a.example.com"), pinned}) {
      assertThatCode(
              () -> {
                verifier.checkClientTrusted(shown(each), "UNKNOWN");
                verifier.checkServerTrusted(shown(each), "UNKNOWN");
              })
          .doesNotThrowAnyException();
    }
  }

  @Test
  void whatNobodyVouchesForIsNot() throws Exception {
    Verifier verifier = verifier();
    X509Certificate[] foreign = shown(Issued.by(Issued.authority("CN=Authority"), "a"));
    assertThatThrownBy(() -> verifier.checkClientTrusted(foreign, "UNKNOWN"))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> verifier.checkServerTrusted(foreign, "UNKNOWN"))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void whatIsTrustedItselfIsGoodInItsTimeOnly() throws Exception {
    Verifier verifier = verifier();
    assertThatThrownBy(() -> verifier.checkClientTrusted(shown(expired), "UNKNOWN"))
        .isInstanceOf(CertificateExpiredException.class);
    assertThatThrownBy(() -> verifier.checkServerTrusted(shown(expired), "UNKNOWN"))
        .isInstanceOf(CertificateExpiredException.class);
  }
}
