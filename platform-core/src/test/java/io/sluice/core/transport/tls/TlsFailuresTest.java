package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsFailuresTest {

  private static Throwable wrapped(Throwable cause) {
    return new SSLHandshakeException("General OpenSslEngine problem").initCause(cause);
  }

  @Test
  void theInnermostCauseIsTheReason() {
    assertThat(TlsFailures.reason(wrapped(new IOException("inner", null)))).isEqualTo("inner");
    assertThat(TlsFailures.reason(new SSLException("outer", new IOException()))).isEqualTo("outer");
    assertThat(TlsFailures.reason(wrapped(new ClosedChannelException())))
        .isEqualTo("the connection was closed");
    assertThat(TlsFailures.reason(new IOException())).isEqualTo("IOException");
    assertThat(TlsFailures.reason(null)).isEmpty();
  }

  @Test
  void datesAreSaidInWords() {
    Throwable expired =
        new CertPathValidatorException("check", new CertificateExpiredException("NotAfter: x"));
    assertThat(TlsFailures.reason(wrapped(expired)))
        .isEqualTo("the certificate expired (NotAfter: x)");
    assertThat(TlsFailures.reason(new CertificateNotYetValidException("NotBefore: x")))
        .isEqualTo("the certificate is not valid yet (NotBefore: x)");
  }

  @Test
  void whatTheOtherSideWroteStaysInOneLine() {
    assertThat(TlsFailures.reason(new IOException("DNS:a\r\nb\u2028c"))).isEqualTo("DNS:a??b?c");
    assertThat(TlsFailures.reason(new IOException("x".repeat(9999)))).hasSize(401).endsWith("…");
  }
}
