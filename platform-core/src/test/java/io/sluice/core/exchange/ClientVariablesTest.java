package io.sluice.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.sluice.api.tls.ClientIdentity;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;

class ClientVariablesTest {

  private static X509Certificate certificate(boolean names) throws Exception {
    CertificateBuilder builder =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=alice,O=Example")
            .setIsCertificateAuthority(true);
    if (names) {
      builder.addSanDnsName("a.example.com").addSanUriName("spiffe://prod/alice");
    }
    return builder.buildSelfSigned().getCertificate();
  }

  @Test
  void standForWhatTheCertificateSays() throws Exception {
    X509Certificate certificate = certificate(true);
    ClientIdentity client = ClientIdentity.of(certificate);
    assertThat(ClientVariables.value(client, "client-cert-subject"))
        .isEqualTo("CN=alice,O=Example");
    assertThat(ClientVariables.value(client, "client-cert-issuer")).isEqualTo("CN=alice,O=Example");
    assertThat(ClientVariables.value(client, "client-cert-cn")).isEqualTo("alice");
    assertThat(ClientVariables.value(client, "client-cert-san"))
        .isEqualTo("dns:a.example.com,uri:spiffe://prod/alice");
    assertThat(ClientVariables.value(client, "client-cert-serial"))
        .isEqualTo(certificate.getSerialNumber().toString(16));
    assertThat(ClientVariables.value(client, "client-cert-fingerprint"))
        .isEqualTo(client.fingerprint());
    assertThat(ClientVariables.value(client, "client-cert-not-before"))
        .isEqualTo(certificate.getNotBefore().toInstant().toString());
    assertThat(ClientVariables.value(client, "client-cert-not-after"))
        .isEqualTo(certificate.getNotAfter().toInstant().toString());
  }

  @Test
  void areAbsentWithoutACertificateAndWhereItSaysNothing() throws Exception {
    assertThat(ClientVariables.value(null, "client-cert-subject")).isNull();
    ClientIdentity client = ClientIdentity.of(certificate(false));
    assertThat(ClientVariables.value(client, "client-cert-san")).isNull();
    assertThat(ClientVariables.value(client, "client-cert-shoe-size")).isNull();
  }
}
