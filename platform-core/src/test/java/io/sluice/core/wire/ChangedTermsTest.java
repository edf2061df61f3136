package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.sluice.core.transport.tls.Issued;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come changes while clients are connected, or hold sessions to come back with. */
class ChangedTermsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a.example.com\r\n\r\n";

  private final TestCertificates certificates = new TestCertificates();
  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private final X509Bundle clients = Issued.authority("CN=Clients");
  private Proxy proxy;

  @TempDir Path folder;

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    endpoint.close();
  }

  private String plain() {
    return config("");
  }

  private String config(String tls) {
    return """
        listeners.web { bind = "127.0.0.1:0" %s }
        upstreams.app.endpoints = ["%s"]
        routes = [ { upstream = app } ]
        """
        .formatted(
            tls.isEmpty() ? "" : ", tls { certificates = [ { name = a } ]\n" + tls + " }",
            endpoint.address());
  }

  private static String auth(String mode, Path authority) {
    return "client-auth = " + mode + ", client-ca = \"" + authority + "\"";
  }

  private Path authority(X509Bundle bundle) throws IOException {
    return Files.writeString(
        folder.resolve("ca" + bundle.hashCode() + ".pem"), bundle.getRootCertificatePEM());
  }

  private void start(String config) {
    certificates.put("a", certificates.issue("a.example.com"));
    proxy = Proxy.start(config, List.of(certificates));
  }

  private TlsClient client() {
    return new TlsClient(certificates.authority(), null);
  }

  private TlsClient named(String name) {
    return new TlsClient(certificates.authority(), Issued.by(clients, name));
  }

  private int requests() {
    return endpoint.received().split("GET /", -1).length - 1;
  }

  private static void served(RawClient client) {
    client.send(GET);
    assertThat(client.read().body()).isEqualTo("ok");
  }

  private boolean isServed(TlsClient client) {
    try (RawClient http = client.open(proxy.port("web"))) {
      served(http);
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private void reload(String config) {
    assertThat(proxy.reload(config)).isEmpty();
  }

  /** At the latest its next request: not served, and the end. */
  private void endsUnserved(RawClient client) {
    int requests = requests();
    try {
      client.send(GET);
    } catch (UncheckedIOException e) {
      // it is closed already
    }
    String last = client.ending().text();
    assertThat(last.isEmpty() || last.startsWith("HTTP/1.1 421 ")).as(last).isTrue();
    assertThat(requests()).isEqualTo(requests);
  }

  @Test
  void aConnectionInPlaintextEndsWhereTlsBegins() throws IOException {
    start(plain());
    try (RawClient idle = proxy.connect();
        RawClient untouched = proxy.connect();
        Http2Client http2 = Http2Client.open(proxy.port("web"))) {
      served(idle);
      assertThat(http2.get(1, "/").response(1).body()).isEqualTo("ok");
      reload(config(auth("required", authority(clients))));
      assertThat(idle.rest()).isEmpty();
      assertThat(untouched.rest()).isEmpty();
      assertThat(http2.next(Http2Client.GOAWAY).error()).isZero();
    }
    try (RawClient named = named("alice").open(proxy.port("web"))) {
      served(named);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "optional"})
  void whoShowedNoCertificateEndsWhereOneIsRequired(String before) throws IOException {
    Path file = authority(clients);
    start(config(before.equals("none") ? "reload = 1m" : auth(before, file)));
    try (RawClient nobody = client().open(proxy.port("web"));
        RawClient named = named("alice").open(proxy.port("web"));
        SSLSocket socket = client().alpn("h2").connect(proxy.port("web"));
        Http2Client http2 = new Http2Client(socket).begin()) {
      served(nobody);
      served(named);
      assertThat(http2.get(1, "/").response(1).body()).isEqualTo("ok");
      reload(config(auth("required", file)));
      endsUnserved(nobody);
      assertThat(http2.next(Http2Client.GOAWAY).error()).isZero();
      if (before.equals("none")) {
        endsUnserved(named); // was not asked, so has shown nothing
      } else {
        served(named);
        reload(config(auth("required", file) + ", min-version = \"TLSv1.3\""));
        served(named);
      }
    }
  }

  @Test
  void whoseAuthorityIsGoneIsToldToComeAgain() throws IOException {
    Path file = authority(clients);
    start(config(auth("optional", file) + ", reload = 50ms"));
    try (RawClient named = named("alice").open(proxy.port("web"));
        RawClient nobody = client().open(proxy.port("web"))) {
      served(named);
      served(nobody);
      X509Bundle others = Issued.authority("CN=Others");
      TlsClient other = new TlsClient(certificates.authority(), Issued.by(others, "bob"));
      Files.writeString(file, clients.getRootCertificatePEM() + others.getRootCertificatePEM());
      await().untilAsserted(() -> assertThat(isServed(other)).isTrue());
      served(named);
      served(nobody);
      Files.writeString(file, others.getRootCertificatePEM());
      await()
          .untilAsserted(
              () -> {
                named.send(GET);
                assertThat(named.read().status()).isEqualTo(421);
              });
      assertThat(named.rest()).isEmpty();
      served(nobody);
      reload(config(""));
      served(nobody);
    }
  }

  @Test
  void aStreamOnSuchAConnectionIsRefusedAndOthersGoOn() throws IOException {
    Path file = authority(clients);
    start(config(auth("required", file) + ", reload = 50ms"));
    try (SSLSocket socket = named("alice").alpn("h2").connect(proxy.port("web"));
        Http2Client http2 = new Http2Client(socket).begin()) {
      assertThat(http2.get(1, "/").response(1).body()).isEqualTo("ok");
      Path next = authority(Issued.authority("CN=Others"));
      Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      int[] stream = {1};
      await()
          .untilAsserted(
              () -> {
                stream[0] += 2;
                assertThat(http2.get(stream[0], "/").response(stream[0]).status()).isEqualTo(421);
              });
      assertThat(http2.next(Http2Client.GOAWAY).error()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anExpiredCertificateIsNoLongerGoodForItsConnectionNorForItsSession(String version)
      throws Exception {
    start(config(auth("required", authority(clients))));
    Instant end = Instant.now().plusSeconds(4);
    TlsClient brief =
        new TlsClient(certificates.authority(), Issued.until(end, clients, "brief"))
            .protocols(version);
    try (RawClient held = brief.open(proxy.port("web"))) {
      served(held);
      await().until(() -> Instant.now().isAfter(end.plusSeconds(1)));
      held.send(GET);
      assertThat(held.read().status()).isEqualTo(421);
    }
    assertThat(requests()).isEqualTo(1);
    assertThatThrownBy(
            () -> {
              try (RawClient again = brief.open(proxy.port("web"))) {
                served(again);
              }
            })
        .isInstanceOf(RuntimeException.class);
    assertThat(requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void withoutTicketsEveryHandshakeIsWhole(String version) throws Exception {
    for (boolean tickets : new boolean[] {true, false}) {
      start(config(tickets ? "reload = 1m" : "tickets = off"));
      TlsClient client = client().protocols(version);
      long[] made = new long[2];
      for (int i = 0; i < 2; i++) {
        try (SSLSocket socket = client.connect(proxy.port("web"));
            RawClient http = new RawClient(socket)) {
          served(http); // TLS 1.3 brings tickets behind the handshake
          made[i] = socket.getSession().getCreationTime();
        }
        long first = made[0]; // so that a session of its own has a time of its own
        await().until(() -> System.currentTimeMillis() > first);
      }
      assertThat(made[0] == made[1]).isEqualTo(tickets);
      proxy.close();
    }
    proxy = null;
  }

  @Test
  void ticketsThatCannotBeTurnedOffAreAProblem() {
    start(config("") + "runtime.tls-provider = jdk");
    assertThat(proxy.reload(config("tickets = off") + "runtime.tls-provider = jdk"))
        .singleElement()
        .asString()
        .contains("listeners.web.tls.tickets", "always gives tickets", "boringssl");
  }

  @Test
  void aHandshakeThatAReloadOvertakesIsServedByWhatIsNew() throws IOException {
    start(config("reload = 1m"));
    try (Socket early = new Socket(InetAddress.getLoopbackAddress(), proxy.port("web"))) {
      await().until(() -> proxy.admin("/status").contains("\"connections\":1"));
      certificates.put("a", certificates.issue("a.example.com"));
      for (int i = 0; i < 3; i++) {
        reload(config("reload = " + (2 + i) + "m"));
      }
      try (RawClient http = new RawClient(client().connect(early))) {
        served(http);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void aProtocolThatNobodySpeaksHereIsRefused(String provider) throws IOException {
    start(config("reload = 1m") + "runtime.tls-provider = " + provider);
    assertThatThrownBy(() -> client().alpn("postgresql", "smtp").connect(proxy.port("web")))
        .isInstanceOf(javax.net.ssl.SSLException.class)
        .hasMessageContaining("no_application_protocol");
    try (SSLSocket socket = client().alpn("http/1.0").connect(proxy.port("web"))) {
      assertThat(socket.getApplicationProtocol()).isEmpty();
    }
    assertThat(proxy.metrics("sluice_tls_handshakes_total"))
        .anyMatch(line -> line.contains("failure") && line.endsWith("} 1.0"));
  }
}
