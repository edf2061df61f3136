package io.sluice.plugin.clientcertificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.PluginTester;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientCertificateTest {

  private static final X509Certificate ALICE = certificate("CN=alice,O=\"a, \\\"b\\\"\"");

  private static X509Certificate certificate(String subject) {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject(subject)
          .addSanUriName("spiffe://prod/alice")
          .addSanDnsName("alice.example.com")
          .setIsCertificateAuthority(true)
          .buildSelfSigned()
          .getCertificate();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static FakeExchange send(
      String config, @Nullable X509Certificate shown, boolean trusted, String... lines) {
    return send(config, shown == null ? null : ClientIdentity.of(shown), trusted, lines);
  }

  private static FakeExchange send(
      String config, @Nullable ClientIdentity client, boolean trusted, String... lines) {
    Middleware middleware =
        PluginTester.of(new ClientCertificateFactory()).create(config).instance();
    FakeExchange exchange =
        FakeExchange.of("GET / HTTP/1.1\n" + String.join("\n", lines))
            .identity(client)
            .trusted(trusted);
    ExchangeHarness.through(middleware).send(exchange);
    return exchange;
  }

  private static FakeExchange anonymous(String config, boolean trusted, String... lines) {
    return send(config, (ClientIdentity) null, trusted, lines);
  }

  private static List<String> all(FakeExchange exchange, String name) {
    return exchange.request().headers().all(HeaderName.of(name));
  }

  @Test
  void theCertificateArrivesWhole() throws Exception {
    String value = all(send("", ALICE, false), "Client-Cert").get(0);
    assertThat(value).startsWith(":").endsWith(":");
    byte[] der = Base64.getDecoder().decode(value.substring(1, value.length() - 1));
    assertThat(
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der)))
        .isEqualTo(ALICE);
  }

  @Test
  void writesWhatEnvoyWrites() {
    assertThat(
            all(send("format = x-forwarded-client-cert", ALICE, false), "X-Forwarded-Client-Cert"))
        .singleElement()
        .asString()
        .matches(
            "Hash=[0-9a-f]{64};Subject=\".*CN=alice.*\";URI=spiffe://prod/alice;DNS=alice.example.com");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Client-Cert: :AAAA:",
        "client-cert: :AAAA:",
        "Client_Cert: :AAAA:",
        "Client-Cert-Chain: :AAAA:",
        "X-Forwarded-Client-Cert: Subject=\"CN=admin\"",
        "X_FORWARDED-Client_Cert: Subject=\"CN=admin\""
      })
  void whatAClientMadeUpNeverPasses(String line) {
    String name = line.substring(0, line.indexOf(':'));
    FakeExchange bare = anonymous("", false, line);
    assertThat(all(bare, name)).isEmpty();
    FakeExchange shown = send("", ALICE, false, line, line);
    assertThat(all(shown, "Client-Cert")).hasSize(1).noneMatch(value -> value.equals(":AAAA:"));
    assertThat(all(shown, "X-Forwarded-Client-Cert")).isEmpty();
    assertThat(all(anonymous("trusted = keep", false, line), name)).isEmpty();
    assertThat(all(anonymous("", true, line), name)).as("replace is the default").isEmpty();
  }

  @Test
  void aTrustedProxyIsBelievedWhereItIsToBe() {
    assertThat(all(send("trusted = keep", ALICE, true, "Client-Cert: :AAAA:"), "Client-Cert"))
        .containsExactly(":AAAA:");
    assertThat(all(send("trusted = keep", ALICE, true), "Client-Cert")).hasSize(1);
  }

  @Test
  void noCertificateIsNoHeader() {
    FakeExchange exchange = anonymous("", false);
    assertThat(all(exchange, "Client-Cert")).isEmpty();
  }

  @Test
  void theChainGoesAlongWhereItIsAskedForAndThereIsOne() {
    X509Certificate between = certificate("CN=between");
    ClientIdentity client = ClientIdentity.of(ALICE, () -> List.of(between));
    assertThat(all(send("chain = on", client, false, "Client-Cert-Chain: x"), "Client-Cert-Chain"))
        .containsExactly(client.clientCertChain());
    assertThat(all(send("", client, false), "Client-Cert-Chain")).isEmpty();
    assertThat(all(send("chain = on", ALICE, false), "Client-Cert-Chain")).isEmpty();
  }

  @Test
  void refusesAChainInAFormatWithoutOne() {
    assertThat(
            PluginTester.of(new ClientCertificateFactory())
                .create("format = x-forwarded-client-cert, chain = on")
                .problems())
        .singleElement()
        .asString()
        .contains("chain: has no effect on this format");
  }

  @Test
  void refusesUnknownFormats() {
    assertThat(PluginTester.of(new ClientCertificateFactory()).create("format = pem").problems())
        .singleElement()
        .asString()
        .contains("one of client-cert, x-forwarded-client-cert");
  }
}
