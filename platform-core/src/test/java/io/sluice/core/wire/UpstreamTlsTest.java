package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.core.transport.tls.Issued;
import io.sluice.core.wire.RawClient.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS to endpoints, which speak the JDK's own. */
class UpstreamTlsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

  private final TestCertificates certificates = new TestCertificates();
  private final X509Bundle clients = Issued.authority("CN=Clients");
  private RawEndpoint endpoint;
  private Proxy proxy;
  private Path authority;

  @TempDir Path folder;

  @BeforeEach
  void writeAuthority() throws IOException {
    authority =
        Files.writeString(
            folder.resolve("ca.pem"), certificates.authority().getRootCertificatePEM());
  }

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    if (endpoint != null) {
      endpoint.close();
    }
  }

  /** Serves {@code bundle}; asks for a certificate of our clients' authority where told to. */
  private void endpoint(X509Bundle bundle, boolean asks, RawEndpoint.Script script) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          bundle.toKeyManagerFactory().getKeyManagers(),
          new TrustManager[] {clients.toTrustManager()},
          null);
      SSLServerSocket server =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 64, InetAddress.getLoopbackAddress());
      server.setNeedClientAuth(asks);
      endpoint = new RawEndpoint(script, server);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void endpoint() {
    endpoint(certificates.issue("app.internal"), false, RawEndpoint.always(OK));
  }

  private void start(String address, String more) {
    proxy = Proxy.start(config(address, more), List.of(certificates));
  }

  private static String config(String address, String more) {
    return """
        listeners.web.bind = "127.0.0.1:0"
        upstreams.app { endpoints = ["%s"], retry = off
          %s }
        routes = [ { upstream = app } ]
        """
        .formatted(address, more);
  }

  private String trusting() {
    return "ca = \"" + authority + "\"";
  }

  private Response get() {
    try (RawClient client = proxy.connect()) {
      return client.send(GET).read();
    }
  }

  private void failsWith(int status, String error) {
    Response response = get();
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.header("Proxy-Status")).contains("error=" + error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void verifiesTheAddressAndKeepsConnections(String provider) {
    endpoint();
    start(
        "https://" + endpoint.address() + "/base",
        "tls { " + trusting() + " }\n}\nruntime { tls-provider = " + provider);
    assertThat(get().body()).isEqualTo("ok");
    assertThat(get().body()).isEqualTo("ok");
    assertThat(endpoint.peers()).hasSize(1);
    assertThat(endpoint.received()).contains("X-Forwarded-Proto: http\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void refusesAnExpiredCertificateEvenWhereItIsTrustedItself(String provider) throws IOException {
    X509Bundle expired = Issued.expired("app.internal");
    Path file = Files.writeString(folder.resolve("old.pem"), expired.getCertificatePEM());
    endpoint(expired, false, RawEndpoint.always(OK));
    start(
        "https://" + endpoint.address(),
        "tls { ca = \"" + file + "\" }\n}\nruntime { tls-provider = " + provider);
    failsWith(502, "tls_certificate_error");
    assertThat(proxy.admin("/upstreams"))
        .contains("\"tlsProblem\":\"the certificate expired (NotAfter: ");
  }

  @Test
  void saysWhyHandshakesFailUntilOneSucceeds() throws IOException {
    endpoint();
    Path file =
        Files.writeString(
            folder.resolve("other.pem"), Issued.authority("CN=Other").getCertificatePEM());
    start(endpoint.address(), "tls { ca = \"" + file + "\", reload = 50ms }");
    failsWith(502, "tls_certificate_error");
    assertThat(proxy.admin("/upstreams"))
        .contains("\"tlsProblem\":\"unable to find valid certification path");
    Files.copy(authority, file, StandardCopyOption.REPLACE_EXISTING);
    await().untilAsserted(() -> assertThat(get().status()).isEqualTo(200));
    assertThat(proxy.admin("/upstreams")).contains("\"tlsProblem\":null");
  }

  @Test
  void saysWhichNameWasWantedOfACertificate() {
    endpoint();
    start(endpoint.address(), "tls { server-name = other.internal, " + trusting() + " }");
    failsWith(502, "tls_certificate_error");
    assertThat(proxy.admin("/upstreams"))
        .contains("\"tlsProblem\":\"No subject alternative DNS name matching other.internal");
  }

  @Test
  void verifiesTheServerNameThatIsConfigured() {
    endpoint();
    start(endpoint.address(), "tls { server-name = app.internal, " + trusting() + " }");
    assertThat(get().body()).isEqualTo("ok");
  }

  @Test
  void refusesACertificateOfAnotherName() {
    endpoint();
    start(endpoint.address(), "tls { server-name = other.internal, " + trusting() + " }");
    failsWith(502, "tls_certificate_error");
  }

  /** Endpoints that a test names as it goes. */
  private static final class Naming implements EndpointDiscoveryFactory {
    private final AtomicReference<EndpointDiscovery.Listener> listener = new AtomicReference<>();

    @Override
    public String type() {
      return "naming";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public EndpointDiscovery create(ConfigSection config, PluginContext context) {
      return new EndpointDiscovery() {
        @Override
        public void start(Listener given) {
          listener.set(given);
        }

        @Override
        public void close() {
          // nothing is open
        }
      };
    }
  }

  private void start(Naming discovery) {
    proxy =
        Proxy.start(
            """
            listeners.web.bind = "127.0.0.1:0"
            upstreams.app { discovery { type = naming }, retry = off
              tls { %s } }
            routes = [ { upstream = app, rewrite.host = upstream } ]
            """
                .formatted(trusting()),
            List.of(certificates, discovery));
  }

  @Test
  void verifiesTheNameThatADiscoveredEndpointHas() {
    Naming discovery = new Naming();
    endpoint();
    start(discovery);
    int port = Integer.parseInt(endpoint.address().split(":")[1]);
    EndpointSpec found = EndpointSpec.at("127.0.0.1", port);

    discovery.listener.get().onEndpoints(List.of(found.named("App.Internal")));

    await().until(() -> get().status() == 200);
    assertThat(endpoint.received()).contains("Host: app.internal:" + port + "\r\n");
    int connections = endpoint.peers().size();
    assertThat(get().status()).isEqualTo(200);
    assertThat(endpoint.peers()).hasSize(connections);

    // The same address by another name: what was proven to be the first is not asked for the
    // second.
    discovery.listener.get().onEndpoints(List.of(found.named("other.internal")));

    await().until(() -> get().status() == 502);
    failsWith(502, "tls_certificate_error");

    discovery.listener.get().onEndpoints(List.of(found));

    await().until(() -> get().status() == 200);
    assertThat(endpoint.received()).contains("Host: 127.0.0.1:" + port + "\r\n");
  }

  @Test
  void verifiesTheNameThatStandsBesideAnAddress() {
    endpoint(certificates.issue("one.internal"), false, RawEndpoint.always(OK));
    for (String host : List.of("one.internal", "two.internal")) {
      proxy =
          Proxy.start(
              """
              listeners.web.bind = "127.0.0.1:0"
              upstreams.app {
                endpoints = [ { address = "%s", host = %s } ], retry = off, tls { %s } }
              routes = [ { upstream = app } ]
              """
                  .formatted(endpoint.address(), host, trusting()),
              List.of(certificates));
      if (host.equals("one.internal")) {
        assertThat(get().status()).isEqualTo(200);
      } else {
        failsWith(502, "tls_certificate_error");
      }
      proxy.close();
    }
  }

  @Test
  void refusesACertificateThatNobodyVouchesFor() {
    endpoint();
    start("https://" + endpoint.address(), "");
    failsWith(502, "tls_certificate_error");
  }

  @Test
  void looksAtNoCertificateWhereVerificationIsOff() {
    endpoint();
    start(endpoint.address(), "tls { server-name = other.internal, verify = off }");
    assertThat(get().body()).isEqualTo("ok");
  }

  @Test
  void tellsAnEndpointWithoutTls() {
    endpoint = RawEndpoint.answering(OK);
    endpoint.script(
        peer -> {
          peer.read(1);
          peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
    start("https://" + endpoint.address(), "");
    failsWith(502, "tls_protocol_error");
  }

  @Test
  void boundsTheHandshakeByTheTimeToConnect() {
    endpoint = new RawEndpoint(RawEndpoint.Peer::readToEnd);
    start("https://" + endpoint.address(), "timeouts.connect = 300ms");
    failsWith(504, "connection_timeout");
  }

  @Test
  void showsWhoItIs() {
    certificates.put("me", Issued.by(clients, "proxy"));
    endpoint(certificates.issue("app.internal"), true, RawEndpoint.always(OK));
    start("https://" + endpoint.address(), "tls { type = file, name = me, " + trusting() + " }");
    assertThat(get().body()).isEqualTo("ok");
  }

  @Test
  void tellsThatTheEndpointWantsToKnowWhoItIs() {
    endpoint(certificates.issue("app.internal"), true, RawEndpoint.always(OK));
    start("https://" + endpoint.address(), "tls { " + trusting() + " }");
    failsWith(502, "tls_alert_received");
  }

  @Test
  void aChangedIdentityServesNoRequestOverAnOldConnection() {
    certificates.put("me", Issued.by(clients, "one"));
    endpoint(certificates.issue("app.internal"), true, RawEndpoint.always(OK));
    start("https://" + endpoint.address(), "tls { type = file, name = me, " + trusting() + " }");
    assertThat(get().body()).isEqualTo("ok");
    assertThat(get().body()).isEqualTo("ok");
    assertThat(endpoint.peers()).hasSize(1);
    certificates.put("me", Issued.by(clients, "two"));
    assertThat(get().body()).isEqualTo("ok");
    assertThat(endpoint.peers()).hasSize(2);
  }

  @Test
  void aReloadThatChangesWhomToTrustServesNothingOverOldConnections() throws IOException {
    endpoint();
    String address = "https://" + endpoint.address();
    start(address, "tls { " + trusting() + " }");
    assertThat(get().body()).isEqualTo("ok");
    Path others = Files.writeString(folder.resolve("others.pem"), clients.getRootCertificatePEM());
    assertThat(proxy.reload(config(address, "tls.ca = \"" + others + "\""))).isEmpty();
    failsWith(502, "tls_certificate_error");
    Files.writeString(
        others, clients.getRootCertificatePEM() + certificates.authority().getRootCertificatePEM());
    String both = Files.copy(others, folder.resolve("both.pem")).toString();
    assertThat(proxy.reload(config(address, "tls.ca = \"" + both + "\""))).isEmpty();
    assertThat(get().body()).isEqualTo("ok");
    assertThat(endpoint.peers()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void takesSessionsUpAgain(String provider) throws IOException {
    endpoint(
        certificates.issue("app.internal"),
        false,
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        });
    start(
        "https://" + endpoint.address(),
        "tls { " + trusting() + " } }\nruntime { tls-provider = " + provider);
    assertThat(get().body()).isEqualTo("ok");
    long made = sessionOf(endpoint.peers().get(0)).getCreationTime();
    await().until(() -> System.currentTimeMillis() > made + 1); // else nothing tells them apart
    assertThat(get().body()).isEqualTo("ok");
    assertThat(sessionOf(endpoint.peers().get(1)).getCreationTime()).isEqualTo(made);
  }

  private static SSLSession sessionOf(RawEndpoint.Peer peer) {
    return ((SSLSocket) peer.socket()).getSession();
  }

  @Test
  void contentUntilTheCloseIsWholeOnlyWhenTheEndpointSaysSo() throws IOException {
    endpoint(
        certificates.issue("app.internal"),
        false,
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\n\r\nwhole");
        });
    start("https://" + endpoint.address(), "tls { " + trusting() + " }");
    try (RawClient client = proxy.connect()) {
      client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
      RawClient.Ending ending = client.ending();
      assertThat(ending.text()).endsWith("whole");
      assertThat(ending.reset()).isFalse();
    }
  }

  @Test
  void contentUntilTheCloseThatIsCutIsBroken() throws IOException {
    endpoint(
        certificates.issue("app.internal"),
        false,
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\n\r\npart");
          peer.readToEnd();
        });
    String[] host = endpoint.address().split(":");
    try (CuttingRelay relay =
        new CuttingRelay(new InetSocketAddress(host[0], Integer.parseInt(host[1])))) {
      start("https://127.0.0.1:" + relay.port(), "tls { " + trusting() + " }");
      try (RawClient client = proxy.connect()) {
        client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
        client.until("part");
        relay.cut();
        assertThat(client.ending().reset()).isTrue();
      }
    }
  }
}
