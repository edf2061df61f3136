package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.sluice.core.transport.tls.Issued;
import io.sluice.core.wire.RawClient.Ending;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Octets that nobody reads, with TLS on one side or both. The peers speak the JDK's own. */
class TcpTlsTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private static final RawEndpoint.Script ECHO =
      peer -> {
        for (String line = peer.readUntil("\n"); line != null; line = peer.readUntil("\n")) {
          peer.send("<" + line.trim() + ">\n");
        }
      };

  private final TestCertificates certificates = new TestCertificates();
  private RawEndpoint endpoint;
  private Proxy proxy;

  @TempDir Path folder;

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    if (endpoint != null) {
      endpoint.close();
    }
  }

  private void start(RawEndpoint before, String listener, String upstream, String more) {
    endpoint = before;
    certificates.put("a", certificates.issue("db.example.com"));
    proxy =
        Proxy.start(
            """
            listeners.db { bind = "127.0.0.1:0", protocol = tcp, upstream = db, %s }
            upstreams.db { protocol = tcp, retry = off, endpoints = ["%s"], %s }
            %s
            """
                .formatted(listener, endpoint.address(), upstream, more),
            List.of(certificates));
  }

  /** TLS is ended here. */
  private void startEnding(RawEndpoint.Script script, String tls, String more) {
    start(
        new RawEndpoint(script),
        "tls { certificates = [ { name = a } ], " + tls + " }, " + more,
        "",
        "");
  }

  private TlsClient tls() {
    return new TlsClient(certificates.authority(), null);
  }

  private SSLServerSocket server(String name) throws IOException {
    try {
      X509Bundle bundle = certificates.issue(name);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          bundle.toKeyManagerFactory().getKeyManagers(),
          new TrustManager[] {certificates.authority().toTrustManager()},
          null);
      return (SSLServerSocket)
          context
              .getServerSocketFactory()
              .createServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String trust() throws IOException {
    Path file = folder.resolve("ca.pem");
    Files.writeString(file, certificates.authority().getRootCertificatePEM());
    return "ca = \"" + file + "\"";
  }

  /** TLS is begun here. */
  private void startBeginning(RawEndpoint.Script script, String upstream, String more)
      throws IOException {
    RawEndpoint secure = new RawEndpoint(script, server("db.internal"));
    start(secure, "", "tls { server-name = db.internal, " + trust() + " } " + upstream, more);
  }

  @ParameterizedTest
  @ValueSource(strings = {"boringssl", "jdk"})
  void endsTlsAndPassesWhatIsUnderIt(String provider) throws IOException {
    start(
        new RawEndpoint(ECHO),
        "tls { certificates = [ { name = a } ] }",
        "",
        "runtime.tls-provider = " + provider);
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (RawClient client = tls().protocols(version).open(proxy.port("db"))) {
        client.send("one\n");
        assertThat(client.until("\n")).isEqualTo("<one>\n");
        client.send("two\nthree\n");
        assertThat(client.until("<three>\n")).isEqualTo("<two>\n<three>\n");
      }
    }
    assertThat(endpoint.received()).isEqualTo("one\ntwo\nthree\none\ntwo\nthree\n");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(proxy.metrics("sluice_tcp_connections_total")).allMatch(ends("} 2.0"));
              assertThat(proxy.metrics("sluice_tcp_connections_active")).allMatch(ends("} 0.0"));
            });
    assertThat(proxy.metrics("sluice_tls_handshakes_total"))
        .anyMatch(line -> line.contains("result=\"success\"") && line.endsWith("} 2.0"));
  }

  private static java.util.function.Predicate<String> ends(String with) {
    return line -> line.endsWith(with);
  }

  @Test
  void anEndpointMaySpeakFirst() throws IOException {
    startEnding(
        peer -> {
          peer.send("220 ready\r\n");
          peer.readToEnd();
        },
        "",
        "");
    try (RawClient client = tls().open(proxy.port("db"))) {
      assertThat(client.until("\r\n")).isEqualTo("220 ready\r\n");
    }
  }

  @Test
  void whatAClientSentBeforeItLeftArrivesWhole() throws IOException {
    startEnding(peer -> peer.readToEnd(), "", "");
    String log = "line\n".repeat(20_000);
    try (RawClient client = tls().open(proxy.port("db"))) {
      client.send(log);
    }
    await().atMost(SOON).until(endpoint::allEnded);
    assertThat(endpoint.received()).isEqualTo(log);
    assertThat(endpoint.peers().get(0).broken()).isFalse();
  }

  @Test
  void whatTheEndpointSentBeforeItClosedArrivesWholeAndEndsWithCloseNotify() {
    String answer = "x".repeat(1 << 20);
    startEnding(peer -> peer.send(answer), "", "");
    try (RawClient client = tls().open(proxy.port("db"))) {
      Ending ending = client.ending();
      assertThat(ending.reset()).isFalse(); // the JDK throws where close_notify is missing
      assertThat(ending.text()).isEqualTo(answer);
    }
  }

  @Test
  void aClientThatIsCutOffIsResetTowardsTheEndpoint() throws IOException {
    startEnding(ECHO, "", "");
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), proxy.port("db"));
    SSLSocket secure = tls().connect(plain);
    RawClient client = new RawClient(secure);
    client.send("half\n");
    assertThat(client.until("\n")).isEqualTo("<half>\n");
    plain.shutdownOutput(); // a FIN and no close_notify
    await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
    assertThat(endpoint.peers().get(0).broken()).isTrue();
    plain.close();
  }

  @Test
  void aResetEndpointIsNoEndToTheClient() throws IOException {
    startEnding(
        peer -> {
          peer.send("part");
          peer.readUntil("\n");
          peer.reset();
        },
        "",
        "");
    try (RawClient client = tls().open(proxy.port("db"))) {
      assertThat(client.until("part")).isEqualTo("part");
      client.send("go\n");
      assertThat(client.ending()).isEqualTo(new Ending("", true));
    }
  }

  @Test
  void clientsShowCertificatesWhereTheyMust() throws IOException {
    X509Bundle people = Issued.authority("CN=People");
    Path authority =
        Files.writeString(folder.resolve("people.pem"), people.getRootCertificatePEM());
    startEnding(ECHO, "client-auth = required, client-ca = \"" + authority + "\"", "");
    TlsClient known = new TlsClient(certificates.authority(), Issued.by(people, "alice"));
    try (RawClient client = known.open(proxy.port("db"))) {
      client.send("hello\n");
      assertThat(client.until("\n")).isEqualTo("<hello>\n");
    }
    assertThatThrownBy(() -> tls().protocols("TLSv1.2").connect(proxy.port("db")))
        .isInstanceOf(IOException.class); // the alert, or the close behind it
    assertThat(endpoint.peers()).hasSize(1);
  }

  @Test
  void agreesOnTheProtocolThatIsConfigured() throws IOException {
    startEnding(ECHO, "alpn = [postgresql]", "");
    try (SSLSocket socket = tls().alpn("http/1.1", "postgresql").connect(proxy.port("db"))) {
      assertThat(socket.getApplicationProtocol()).isEqualTo("postgresql");
    }
  }

  @Test
  void aHandshakeHasItsTime() throws IOException {
    startEnding(ECHO, "", "timeouts.handshake = 300ms");
    try (RawClient client =
        new RawClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port("db")))) {
      assertThat(client.ending().text()).isEmpty();
    }
    assertThat(endpoint.peers()).isEmpty();
  }

  @Test
  void oneThatSpeaksNoTlsIsNotAnsweredInHttp() {
    startEnding(ECHO, "", "");
    try (RawClient client =
        new RawClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port("db")))) {
      client.send("HELO there\r\n");
      assertThat(client.ending().text()).doesNotContain("HTTP");
    }
  }

  // ---- slow readers: a socket of Unix holds what it holds, one of TCP ever more ----

  /** More than a Unix-domain socket takes at once, and no more than what is then held for it. */
  private static final int BEYOND_THE_SOCKET = 300_000;

  private static void doNothingForLongerThanLingering() {
    await().pollDelay(Duration.ofMillis(2_500)).until(() -> true);
  }

  private static long count(SocketChannel from) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(16 * 1024);
    long all = 0;
    for (int got = from.read(piece.clear()); got >= 0; got = from.read(piece.clear())) {
      all += got;
    }
    return all;
  }

  private SocketChannel startBeforeASlowClient(String more) throws IOException {
    Path file = folder.resolve("listen.sock");
    startBeginning(
        peer -> peer.send("x".repeat(BEYOND_THE_SOCKET)),
        "",
        "listeners.db.bind = \"unix:" + file + "\"\n" + more);
    return SocketChannel.open(UnixDomainSocketAddress.of(file));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatAnEndpointSentBeforeItEndedItsTlsReachesASlowClientWhole() throws IOException {
    try (SocketChannel client = startBeforeASlowClient("")) {
      await().atMost(SOON).until(endpoint::allEnded);
      doNothingForLongerThanLingering();
      assertThat(count(client)).isEqualTo(BEYOND_THE_SOCKET);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void oneThatTakesNothingOfTheRestIsNotWaitedForLongerThanForOneThatIsSilent() throws IOException {
    try (SocketChannel client =
        startBeforeASlowClient("listeners.db.timeouts.tunnel-idle = 300ms")) {
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                assertThat(proxy.metrics("sluice_tcp_connections_total")).allMatch(ends("} 1.0"));
                assertThat(proxy.metrics("sluice_tcp_connections_active")).allMatch(ends("} 0.0"));
              });
      assertThat(count(client)).isPositive();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatAClientSentBeforeItEndedItsTlsReachesASlowEndpointWhole() throws IOException {
    Path file = folder.resolve("slow.sock");
    try (ServerSocketChannel slow = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      slow.bind(UnixDomainSocketAddress.of(file));
      startEnding(ECHO, "", "");
      assertThat(
              proxy.reload(
                  """
                  listeners.db {
                    bind = "127.0.0.1:0", protocol = tcp, upstream = slow
                    tls { certificates = [ { name = a } ] }
                  }
                  upstreams.slow { protocol = tcp, endpoints = ["unix:%s"] }
                  """
                      .formatted(file)))
          .isEmpty();
      try (RawClient client = tls().open(proxy.port("db"))) {
        client.send("x".repeat(BEYOND_THE_SOCKET));
      }
      try (SocketChannel peer = slow.accept()) {
        doNothingForLongerThanLingering();
        assertThat(count(peer)).isEqualTo(BEYOND_THE_SOCKET);
      }
    }
  }

  // ---- towards endpoints ----

  @ParameterizedTest
  @ValueSource(strings = {"boringssl", "jdk"})
  void beginsTlsTowardsEndpoints(String provider) throws IOException {
    startBeginning(ECHO, "", "runtime.tls-provider = " + provider);
    try (RawClient client = proxy.connect("db")) {
      client.send("one\n");
      assertThat(client.until("\n")).isEqualTo("<one>\n");
    }
  }

  @Test
  void aHalfCloseBecomesCloseNotifyAndTheAnswerComesWhole() throws IOException {
    startBeginning(
        peer -> {
          peer.readToEnd();
          peer.send("after the end");
        },
        "",
        "");
    try (RawClient client = proxy.connect("db")) {
      client.send("all I have to say").halfClose();
      assertThat(client.ending()).isEqualTo(new Ending("after the end", false));
      assertThat(endpoint.received()).isEqualTo("all I have to say");
      assertThat(endpoint.peers().get(0).broken()).isFalse();
    }
  }

  @Test
  void anEndpointThatEndsItsTlsIsAnEndToTheClient() throws IOException {
    startBeginning(peer -> peer.send("bye"), "", "");
    try (RawClient client = proxy.connect("db")) {
      assertThat(client.ending()).isEqualTo(new Ending("bye", false));
    }
  }

  @Test
  void anEndpointThatIsNotWhoItMustBeGetsNothing() throws IOException {
    CountDownLatch sent = new CountDownLatch(1);
    endpoint =
        new RawEndpoint(
            peer -> {
              await().until(() -> sent.getCount() == 0); // a refusal would be a reset to the client
              ECHO.serve(peer); // which begins with the handshake
            },
            server("someone.else"));
    start(endpoint, "", "tls { server-name = db.internal, " + trust() + " }", "");
    try (RawClient client = proxy.connect("db")) {
      client.send("secret\n");
      sent.countDown();
      assertThat(client.ending()).isEqualTo(new Ending("", true));
    }
    assertThat(endpoint.received()).isEmpty();
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(proxy.metrics("sluice_attempts_total"))
                    .anyMatch(line -> line.contains("tls_certificate_error")));
  }

  @Test
  void sealsAgainWhatItOpened() throws IOException {
    RawEndpoint secure = new RawEndpoint(ECHO, server("db.internal"));
    start(
        secure,
        "tls { certificates = [ { name = a } ] }",
        "tls { server-name = db.internal, " + trust() + " }",
        "");
    try (RawClient client = tls().open(proxy.port("db"))) {
      client.send("over both\n");
      assertThat(client.until("\n")).isEqualTo("<over both>\n");
    }
    await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
    assertThat(endpoint.peers().get(0).broken()).isFalse();
  }

  @Test
  void theProxyHeaderGoesAheadOfTheTlsThatItIsAbout() throws IOException {
    endpoint =
        new RawEndpoint(
            peer -> {
              String header = peer.readUntil("\r\n");
              assertThat(header).startsWith("PROXY TCP4 127.0.0.1 127.0.0.1 ");
              peer.readToEnd(); // an end of its own would be a reset to the client
            });
    start(
        endpoint,
        "tls { certificates = [ { name = a } ] }",
        "proxy-protocol = v1, tls { server-name = db.internal, " + trust() + " }",
        "");
    try (SSLSocket client = tls().connect(proxy.port("db"))) {
      client.getOutputStream().write('x');
      await().atMost(SOON).until(() -> endpoint.received().contains("\u0016\u0003\u0001"));
    }
    assertThat(endpoint.received())
        .matches("(?s)PROXY TCP4 127.0.0.1 127.0.0.1 \\d+ \\d+\r\n\u0016.*");
  }

  @Test
  void theProxyHeaderOfAClientThatLeftIsNotTheNextOnes() throws IOException {
    start(
        new RawEndpoint(
            peer -> {
              peer.readUntil("\r\n");
              peer.readToEnd(); // the handshake takes its time
            }),
        "proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]",
        "proxy-protocol = v1, tls { server-name = db.internal, " + trust() + " }",
        "upstreams.db.limits { max-connections = 1, max-pending = 1 }");
    try (RawClient first = proxy.connect("db");
        RawClient second = proxy.connect("db")) {
      first.send("PROXY TCP4 203.0.113.1 192.0.2.1 1111 5432\r\n");
      await().atMost(SOON).until(() -> endpoint.received().contains("203.0.113.1"));
      second.send("PROXY TCP4 203.0.113.2 192.0.2.1 2222 5432\r\n");
      await().atMost(SOON).until(() -> waiting() == 1);
      first.reset();
      await().atMost(SOON).until(() -> endpoint.received().contains("203.0.113.2"));
      assertThat(endpoint.peers()).hasSize(2);
      assertThat(endpoint.peers().get(0).received())
          .contains("203.0.113.1")
          .doesNotContain("203.0.113.2");
      assertThat(endpoint.peers().get(1).received())
          .startsWith("PROXY TCP4 203.0.113.2 ")
          .doesNotContain("203.0.113.1");
      await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
    }
  }

  /** Connections that wait at the bound. */
  private double waiting() {
    return proxy.metrics("sluice_upstream_pending").stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
