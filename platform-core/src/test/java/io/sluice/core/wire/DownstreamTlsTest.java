package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.sluice.core.transport.tls.Issued;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP over TLS, spoken to by the JDK's own client. */
class DownstreamTlsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a.example.com\r\n\r\n";
  private static final Duration SOON = Duration.ofSeconds(20);

  private final TestCertificates certificates = new TestCertificates();
  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @TempDir Path folder;

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    endpoint.close();
  }

  private void start(String tls) {
    proxy = Proxy.start(config(tls), List.of(certificates));
  }

  private String config(String tls) {
    return """
        listeners.web { bind = "127.0.0.1:0", tls { %s } }
        upstreams.app.endpoints = ["%s"]
        routes = [ { upstream = app } ]
        """
        .formatted(tls, endpoint.address());
  }

  private void startSimple(String more) {
    certificates.put("a", certificates.issue("a.example.com"));
    start("certificates = [ { name = a } ]\n" + more);
  }

  private TlsClient client() {
    return new TlsClient(certificates.authority(), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void servesRequestsAndTellsTheEndpoint(String provider) {
    certificates.put("a", certificates.issue("a.example.com"));
    proxy =
        Proxy.start(
            config("certificates = [ { name = a } ]") + "runtime.tls-provider = " + provider,
            List.of(certificates));
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (RawClient client = client().protocols(version).open(proxy.port("web"))) {
        client.send(GET + GET);
        assertThat(client.read().body()).isEqualTo("ok");
        assertThat(client.read().body()).isEqualTo("ok");
      }
      assertThat(endpoint.received())
          .contains("X-Forwarded-Proto: https\r\n")
          .contains("X-Forwarded-Port: " + proxy.port("web") + "\r\n");
    }
    assertThat(proxy.metrics("sluice_tls_handshakes_total"))
        .anyMatch(line -> line.contains("result=\"success\"") && line.endsWith("} 2.0"));
  }

  @ParameterizedTest
  @CsvSource({
    "one.example.com, one.example.com",
    "ONE.example.com, one.example.com",
    "www.two.example.com, wild.two.example.com",
    "exact.two.example.com, exact.two.example.com",
    "a.b.two.example.com, one.example.com",
    "two.example.com, one.example.com",
    "unknown.org, one.example.com",
    ", one.example.com"
  })
  void choosesTheCertificateByServerName(String asked, String shown) {
    certificates
        .put("first", certificates.issue("one.example.com"))
        .put("second", List.of("*.two.example.com"), certificates.issue("wild.two.example.com"))
        .put("third", certificates.issue("exact.two.example.com"));
    start("certificates = [ { name = first }, { name = second }, { name = third } ]");
    assertThat(client().serverName(asked).subject(proxy.port("web"))).isEqualTo(shown);
  }

  @Test
  void refusesOldVersions() {
    startSimple("");
    for (String old : List.of("TLSv1", "TLSv1.1")) {
      assertThatThrownBy(() -> client().protocols(old).connect(proxy.port("web")))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void refusesTls12WhereTheConfigSaysSo() throws IOException {
    startSimple("min-version = \"TLSv1.3\"");
    assertThatThrownBy(() -> client().protocols("TLSv1.2").connect(proxy.port("web")))
        .isInstanceOf(SSLException.class);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(proxy.metrics("sluice_tls_handshakes_total"))
                    .anyMatch(line -> line.contains("failure") && line.endsWith("} 1.0")));
    try (SSLSocket socket = client().connect(proxy.port("web"))) {
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void speaksOnlyTheCiphersThatAreConfigured() throws IOException {
    startSimple("ciphers = [ECDHE-ECDSA-CHACHA20-POLY1305]");
    try (SSLSocket socket = client().protocols("TLSv1.2").connect(proxy.port("web"))) {
      assertThat(socket.getSession().getCipherSuite())
          .isEqualTo("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    }
  }

  @Test
  void choosesByAlpnAndIgnoresWhatItDoesNotSpeak() throws IOException {
    startSimple("");
    try (SSLSocket socket = client().alpn("http/1.1", "h2").connect(proxy.port("web"));
        Http2Client http2 = new Http2Client(socket)) {
      assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
      assertThat(http2.begin().get(1, "/").response(1).body()).isEqualTo("ok");
      assertThat(endpoint.received()).contains("X-Forwarded-Proto: https\r\n");
    }
    try (SSLSocket socket = client().alpn("http/1.1").connect(proxy.port("web"))) {
      assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
    }
    try (SSLSocket socket = client().alpn("foo", "http/1.1").connect(proxy.port("web"))) {
      assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
    }
    try (SSLSocket socket = client().connect(proxy.port("web"))) {
      assertThat(socket.getApplicationProtocol()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "none, false, 200",
    "none, true, 200",
    "optional, false, 200",
    "optional, true, 200",
    "required, true, 200",
    "required, false, 0"
  })
  void asksForClientCertificates(String mode, boolean shows, int status) throws IOException {
    X509Bundle clients = Issued.authority("CN=Clients");
    Path file = Files.writeString(folder.resolve("ca.pem"), clients.getRootCertificatePEM());
    startSimple(
        "client-auth = " + mode + (mode.equals("none") ? "" : ", client-ca = \"" + file + "\""));
    X509Bundle identity = shows ? Issued.by(clients, "alice") : null;
    assertThat(statusOf(new TlsClient(certificates.authority(), identity))).isEqualTo(status);
  }

  @Test
  void refusesClientCertificatesOfOtherAuthoritiesEvenWhereTheyAreOptional() throws IOException {
    X509Bundle clients = Issued.authority("CN=Clients");
    Path file = Files.writeString(folder.resolve("ca.pem"), clients.getRootCertificatePEM());
    startSimple("client-auth = optional, client-ca = \"" + file + "\"");
    X509Bundle foreign = Issued.by(Issued.authority("CN=Clients"), "mallory");
    // The JDK shows a certificate only to a server that names its authority, which this one does.
    assertThat(statusOf(new TlsClient(certificates.authority(), foreign))).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void refusesAnExpiredClientCertificateEvenWhereItIsTrustedItself(String provider)
      throws IOException {
    certificates.put("a", certificates.issue("a.example.com"));
    X509Bundle expired = Issued.expired("alice");
    Path file = Files.writeString(folder.resolve("ca.pem"), expired.getCertificatePEM());
    proxy =
        Proxy.start(
            config(
                    "certificates = [ { name = a } ]\nclient-auth = required, client-ca = \""
                        + file
                        + "\"")
                + "runtime.tls-provider = "
                + provider,
            List.of(certificates));
    assertThat(statusOf(new TlsClient(certificates.authority(), expired))).isZero();
  }

  /** The status of a request, or 0 where the handshake was refused, which TLS 1.3 says late. */
  private int statusOf(TlsClient client) {
    try (SSLSocket socket = client.connect(proxy.port("web"));
        RawClient http = new RawClient(socket)) {
      socket.getOutputStream().write(GET.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return Integer.parseInt(http.until("\r\n\r\n").substring(9, 12));
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void saysThatPlainHttpIsNotSpokenHere() {
    startSimple("");
    try (RawClient client = proxy.connect()) {
      client.send(GET);
      RawClient.Ending ending = client.ending();
      assertThat(ending.reset()).isFalse();
      assertThat(ending.text()).startsWith("HTTP/1.1 400 ").contains("This port speaks HTTPS");
    }
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(proxy.metrics("sluice_tls_handshakes_total"))
                    .anyMatch(line -> line.contains("plaintext") && line.endsWith("} 1.0")));
  }

  @Test
  void closesWhatIsNeither() {
    startSimple("");
    for (String octets :
        List.of("\u0016\u0003\u0001\u0000\u0004abcd", "\u0000\u0001\u0002", "\u0080\u0080")) {
      try (RawClient client = proxy.connect()) {
        client.send(octets);
        client.halfClose();
        assertThat(client.ending().text()).doesNotContain("HTTP");
      }
    }
    assertThat(client().subject(proxy.port("web"))).isEqualTo("a.example.com");
  }

  @Test
  void boundsTheHandshakeInTime() {
    certificates.put("a", certificates.issue("a.example.com"));
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0", timeouts.handshake = 200ms
                            tls.certificates = [ { name = a } ] }
            """,
            List.of(certificates));
    try (RawClient silent = proxy.connect();
        RawClient halting = proxy.connect()) {
      halting.send("\u0016\u0003\u0001\u0001\u0000\u0001");
      silent.ending();
      halting.ending();
    }
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(proxy.metrics("sluice_tls_handshakes_total"))
                  .anyMatch(line -> line.contains("timeout") && line.endsWith("} 2.0"));
              assertThat(proxy.metrics("sluice_downstream_connections"))
                  .allMatch(line -> line.endsWith(" 0.0"));
            });
  }

  @Test
  void aRenewedCertificateServesNewConnectionsAndLeavesOldOnes() {
    startSimple("");
    try (RawClient before = client().open(proxy.port("web"))) {
      before.send(GET);
      assertThat(before.read().body()).isEqualTo("ok");
      certificates.put("a", certificates.issue("renewed.example.com"));
      assertThat(client().subject(proxy.port("web"))).isEqualTo("renewed.example.com");
      before.send(GET);
      assertThat(before.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void aSourceWithoutACertificateRefusesHandshakesUntilItHasOne() {
    start("certificates = [ { name = later } ]");
    assertThatThrownBy(() -> client().connect(proxy.port("web"))).isInstanceOf(IOException.class);
    certificates.put("later", certificates.issue("later.example.com"));
    assertThat(client().subject(proxy.port("web"))).isEqualTo("later.example.com");
  }

  @Test
  void reloadsChangeTlsOnAnAddressThatStaysAndKeepConnections() {
    startSimple("");
    try (RawClient before = client().open(proxy.port("web"))) {
      before.send(GET);
      assertThat(before.read().body()).isEqualTo("ok");
      assertThat(proxy.reload(config("certificates = [ { name = a } ], min-version = \"TLSv1.3\"")))
          .isEmpty();
      assertThatThrownBy(() -> client().protocols("TLSv1.2").connect(proxy.port("web")))
          .isInstanceOf(IOException.class);
      before.send(GET);
      assertThat(before.read().body()).isEqualTo("ok");
    }
    assertThat(proxy.reload(config("").replace(", tls {  }", ""))).isEmpty();
    try (RawClient plain = proxy.connect()) {
      plain.send(GET);
      assertThat(plain.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void aTicketOutlivesAReload() throws IOException {
    startSimple("");
    TlsClient client = client().protocols("TLSv1.2");
    long made;
    try (SSLSocket first = client.connect(proxy.port("web"))) {
      made = first.getSession().getCreationTime();
    }
    assertThat(proxy.reload(config("certificates = [ { name = a } ]"))).isEmpty();
    try (SSLSocket again = client.connect(proxy.port("web"))) {
      assertThat(again.getSession().getCreationTime()).isEqualTo(made);
    }
  }

  @Test
  void everyOctetMayComeAlone() throws IOException {
    startSimple("");
    try (SplittingRelay relay =
            new SplittingRelay(new InetSocketAddress("127.0.0.1", proxy.port("web")));
        RawClient client = client().serverName("a.example.com").open(relay.port())) {
      client.send(GET);
      assertThat(client.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void ourCloseSaysSo() throws IOException {
    startSimple("");
    try (RawClient client = client().open(proxy.port("web"))) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      RawClient.Ending ending = client.ending();
      assertThat(ending.text()).endsWith("ok");
      assertThat(ending.reset()).isFalse();
    }
    try (RawClient client = client().open(proxy.port("web"))) {
      client.send(
          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n");
      RawClient.Ending ending = client.ending();
      assertThat(ending.text()).startsWith("HTTP/1.1 400 ");
      assertThat(ending.reset()).isFalse();
    }
  }

  @Test
  void aResponseThatBreaksOffHasNoCleanEnd() {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
        });
    startSimple("");
    try (RawClient client = client().open(proxy.port("web"))) {
      client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
      RawClient.Ending ending = client.ending();
      assertThat(ending.reset()).isTrue();
    }
  }
}
