package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.api.tls.ClientIdentity;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientIdentityTest {

  @TempDir Path folder;

  private static CertificateBuilder builder(String subject) {
    return new CertificateBuilder().ecp256().subject(subject);
  }

  private static X509Certificate certificate(String subject) throws Exception {
    return builder(subject)
        .addSanDnsName("Alice.Example.com")
        .addSanUriName("spiffe://prod/ns/web/sa/alice")
        .addSanIpAddress("192.0.2.7")
        .addSanRfc822Name("alice@example.com")
        .setIsCertificateAuthority(true)
        .buildSelfSigned()
        .getCertificate();
  }

  @Test
  void saysWhoTheClientIs() throws Exception {
    X509Certificate certificate = certificate("CN=alice,OU=people,O=Example");
    ClientIdentity identity = ClientIdentity.of(certificate);
    assertThat(identity.commonName()).isEqualTo("alice");
    assertThat(identity.subject().getName()).isEqualTo("CN=alice,OU=people,O=Example");
    assertThat(identity.names())
        .extracting(ClientIdentity.Name::toString)
        .containsExactlyInAnyOrder(
            "dns:alice.example.com",
            "uri:spiffe://prod/ns/web/sa/alice",
            "ip:192.0.2.7",
            "email:alice@example.com");
    assertThat(identity.fingerprint())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())));
    assertThat(identity).hasToString("CN=alice,OU=people,O=Example");
    assertThat(identity.issuers()).isEmpty();
    assertThat(identity.clientCertChain()).isEmpty();
  }

  @Test
  void aSubjectNeedNotHaveACommonName() throws Exception {
    assertThat(ClientIdentity.of(certificate("O=Example")).commonName()).isNull();
  }

  @Test
  void theMostSpecificCommonNameCounts() throws Exception {
    assertThat(ClientIdentity.of(certificate("CN=leaf,O=Example,CN=root")).commonName())
        .isEqualTo("leaf");
  }

  @Test
  void headersAreByteSequencesMadeOnce() throws Exception {
    X509Bundle root = Issued.authority("CN=Root");
    X509Bundle first = Issued.authority("CN=1", root);
    X509Certificate leaf = builder("CN=alice").buildIssuedBy(first).getCertificate();
    ClientIdentity identity =
        ClientIdentity.of(leaf, () -> List.of(first.getCertificate(), root.getCertificate()));
    assertThat(decoded(identity.clientCert())).isEqualTo(leaf);
    String[] chain = identity.clientCertChain().split(", ");
    assertThat(decoded(chain[0])).isEqualTo(first.getCertificate());
    assertThat(decoded(chain[1])).isEqualTo(root.getCertificate());
    assertThat(identity.clientCert()).isSameAs(identity.clientCert());
    assertThat(identity.clientCertChain()).isSameAs(identity.clientCertChain());
    assertThat(identity.names()).isSameAs(identity.names());
  }

  private static X509Certificate decoded(String item) throws Exception {
    assertThat(item).startsWith(":").endsWith(":");
    byte[] der = Base64.getDecoder().decode(item.substring(1, item.length() - 1));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  // ---- what stands behind it ----

  private TrustFile trusting(X509Bundle authority) throws Exception {
    return TrustFile.read(
        Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM()));
  }

  @Test
  void thePathHasWhoSignedAndNothingElseThatWasSentAlong() throws Exception {
    X509Bundle root = Issued.authority("CN=Root");
    X509Bundle upper = Issued.authority("CN=Upper", root);
    X509Bundle lower = Issued.authority("CN=Lower", upper);
    X509Certificate leaf = builder("CN=alice").buildIssuedBy(lower).getCertificate();
    X509Certificate junk = Issued.authority("CN=Junk").getCertificate();
    X509Certificate namesake = Issued.authority("CN=Lower").getCertificate();
    TrustFile trusted = trusting(root);
    assertThat(
            trusted.path(
                List.of(
                    leaf,
                    namesake,
                    upper.getCertificate(),
                    junk,
                    root.getCertificate(),
                    lower.getCertificate())))
        .containsExactly(lower.getCertificate(), upper.getCertificate());
    assertThat(trusted.path(List.of(upper.getCertificate()))).isEmpty();
    assertThat(trusted.path(List.of(root.getCertificate()))).as("trusted itself").isEmpty();
    assertThat(trusted.issuersAmong(List.of(leaf, namesake))).as("cannot be known").isEmpty();
  }

  @Test
  void whatNobodyStandsBehindOrIsOverHasNoPath() throws Exception {
    X509Bundle root = Issued.authority("CN=Root");
    TrustFile trusted = trusting(root);
    X509Certificate foreign =
        builder("CN=alice").buildIssuedBy(Issued.authority("CN=Root")).getCertificate();
    X509Certificate over =
        builder("CN=alice")
            .notBefore(Instant.now().minusSeconds(7200))
            .notAfter(Instant.now().minusSeconds(3600))
            .buildIssuedBy(root)
            .getCertificate();
    for (X509Certificate each : List.of(foreign, over)) {
      assertThatThrownBy(() -> trusted.path(List.of(each)))
          .isInstanceOf(CertPathBuilderException.class);
    }
  }
}
