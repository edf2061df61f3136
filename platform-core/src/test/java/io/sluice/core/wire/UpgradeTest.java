package io.sluice.core.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Response;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Connections that change to another protocol, and those that only seem to. */
class UpgradeTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String ASK =
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Key: x\r\n\r\n";
  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy = Proxy.before(endpoint);
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  @Test
  void octetsPassBothWaysUntouched() throws IOException {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH + "hello");
          peer.readUntil("one");
          peer.send("two");
          peer.readUntil("bye");
          peer.send("end");
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      String head = client.until("\r\n\r\n");
      assertThat(head).startsWith("HTTP/1.1 101 ").contains("Upgrade: websocket\r\n");
      assertThat(head).containsIgnoringCase("Connection: upgrade\r\n");
      assertThat(client.until("hello")).isEqualTo("hello");
      client.send("one");
      assertThat(client.until("two")).isEqualTo("two");
      client.send("GET / HTTP/1.1\r\n\r\nbye");
      assertThat(client.rest()).isEqualTo("end");
    }
    assertThat(endpoint.received())
        .contains("Upgrade: websocket\r\n", "Sec-WebSocket-Key: x\r\n")
        .containsIgnoringCase("Connection: upgrade\r\n")
        .endsWith("\r\n\r\noneGET / HTTP/1.1\r\n\r\nbye");
  }

  @Test
  void octetsSentWithTheRequestWaitForTheSwitch() throws IOException {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          assertThat(peer.received()).endsWith("\r\n\r\n");
          peer.send(SWITCH);
          peer.readUntil("early");
          peer.send("got it");
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK + "early");
      client.until("\r\n\r\n");
      assertThat(client.rest()).isEqualTo("got it");
    }
  }

  @Test
  void aHalfCloseGoesThrough() throws IOException {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH);
          peer.readToEnd();
          peer.send("after the end");
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      client.send("last").halfClose();
      assertThat(client.rest()).isEqualTo("after the end");
    }
    assertThat(endpoint.received()).endsWith("last");
  }

  @Test
  void whatFollowsARefusedUpgradeIsTheNextRequest() {
    try (RawClient client = proxy.connect()) {
      client.send(ASK + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.read().body()).isEqualTo("ok");
      client.send(ASK + "\u0081\u0005smuggled\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.read().status()).isEqualTo(400);
    }
    assertThat(endpoint.received()).contains("GET /next").doesNotContain("smuggled");
  }

  @Test
  void h2cAndUnknownProtocolsAreNeverAskedFor() {
    for (String protocol : new String[] {"h2c", "foo", "websocket, h2c", "TLS/1.0"}) {
      endpoint.forget();
      try (RawClient client = proxy.connect()) {
        client.send(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
                + protocol
                + "\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
        assertThat(client.read().body()).isEqualTo("ok");
      }
      assertThat(endpoint.received()).doesNotContainIgnoringCase("upgrade", "http2-settings");
    }
  }

  @Test
  void aSwitchThatNobodyAskedForIsABadResponse() {
    endpoint.script(RawEndpoint.always(SWITCH + "evil"));
    try (RawClient client = proxy.connect()) {
      Response response = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read();
      assertThat(response.status()).isEqualTo(502);
      assertThat(response.header("Proxy-Status")).isEqualTo("sluice; error=http_protocol_error");
    }
  }

  @Test
  void aSwitchToWhatWasNotAskedForIsABadResponse() {
    for (String other :
        new String[] {"Upgrade: h2c\r\n", "Upgrade: foo\r\n", "Upgrade: websocket, h2c\r\n", ""}) {
      endpoint.script(RawEndpoint.always(SWITCH.replace("Upgrade: websocket\r\n", other) + "raw"));
      try (RawClient client = proxy.connect()) {
        Response response = client.send(ASK).read();
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.header("Proxy-Status")).isEqualTo("sluice; error=http_protocol_error");
      }
    }
  }

  @Test
  void theCaseOfAProtocolDoesNotMatter() throws IOException {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH.replace("websocket", "WebSocket") + "hello");
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK.replace("websocket", "WEBSOCKET"));
      client.until("\r\n\r\n");
      assertThat(client.rest()).isEqualTo("hello");
    }
  }

  @Test
  void whatAnEndpointWantsTheClientToChangeToIsToldAsFarAsTheListenerListsIt() {
    String wanted =
        "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nContent-Length: 2\r\nUpgrade: ";
    try (RawClient client = proxy.connect()) {
      for (String protocols : new String[] {"WebSocket", "h2c, WebSocket, foo/2"}) {
        endpoint.script(RawEndpoint.always(wanted + protocols + "\r\n\r\nok"));
        endpoint.peers().forEach(RawEndpoint.Peer::hangUp);
        Response told = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read();
        assertThat(told.status()).isEqualTo(426);
        assertThat(told.headers("Upgrade")).containsExactly("WebSocket");
        assertThat(told.headers("Connection")).containsExactly("upgrade");
        assertThat(told.body()).isEqualTo("ok");
      }
      endpoint.script(RawEndpoint.always(wanted + "h2c\r\n\r\nok"));
      endpoint.peers().forEach(RawEndpoint.Peer::hangUp);
      Response untold = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read();
      assertThat(untold.status()).isEqualTo(426);
      assertThat(untold.head()).doesNotContainIgnoringCase("upgrade:", "connection:");
    }
  }

  @Test
  void aResetOfTheClientIsAResetOfTheEndpoint() throws IOException {
    endpoint.script(ECHO);
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      client.send("a");
      assertThat(client.until("a")).isEqualTo("a");
      client.reset();
      await().until(() -> endpoint.peers().get(0).ended());
      assertThat(endpoint.peers().get(0).broken()).isTrue();
    }
  }

  @Test
  void whatTheSocketHoldsWhenATunnelEndsInSilenceStillReachesTheClient() {
    restart("listeners.web { bind = \"127.0.0.1:0\", timeouts.tunnel-idle = 300ms }\n" + ONE_ROUTE);
    String sent = "x".repeat(100_000);
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH + sent);
          peer.readToEnd();
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      await().until(endpoint::allEnded);
      RawClient.Ending ending = client.ending();
      assertThat(ending.text()).endsWith(sent);
      assertThat(ending.reset()).isFalse();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anEndpointThatIsSlowToTakeWhatItIsSentIsNotSilent(@TempDir Path folder) throws IOException {
    int most = 300_000; // more than a Unix-domain socket takes at once, and than the head
    Path file = folder.resolve("slow.sock");
    try (ServerSocketChannel slow = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      slow.bind(UnixDomainSocketAddress.of(file));
      proxy.close();
      proxy =
          Proxy.start(
              "listeners.web { bind = \"127.0.0.1:0\", timeouts.tunnel-idle = 1s }\n"
                  + ONE_ROUTE.formatted("unix:" + file));
      try (RawClient client = proxy.connect()) {
        client.send(ASK);
        try (SocketChannel peer = slow.accept()) {
          StringBuilder head = new StringBuilder();
          ByteBuffer octets = ByteBuffer.allocate(16 * 1024);
          while (head.indexOf("\r\n\r\n") < 0) {
            peer.read(octets.clear());
            head.append(US_ASCII.decode(octets.flip()));
          }
          peer.write(US_ASCII.encode(SWITCH));
          client.until("\r\n\r\n");
          for (int round = 0; round < 3; round++) { // each fills the same buffers alike
            client.send("x".repeat(most));
            await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
            int got = 0;
            while (got < most) {
              int read = peer.read(octets.clear());
              assertThat(read).as("round %s after %s octets", round, got).isPositive();
              got += read;
            }
          }
        }
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anEndpointThatTakesNothingEndsATunnelAndIsNoFailure(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("stuck.sock");
    try (ServerSocketChannel stuck = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stuck.bind(UnixDomainSocketAddress.of(file));
      proxy.close();
      proxy =
          Proxy.start(
              "listeners.web { bind = \"127.0.0.1:0\", timeouts.tunnel-idle = 500ms }\n"
                  + ONE_ROUTE.formatted("unix:" + file));
      try (RawClient client = proxy.connect()) {
        client.send(ASK);
        try (SocketChannel peer = stuck.accept()) {
          peer.write(US_ASCII.encode(SWITCH));
          client.until("\r\n\r\n");
          client.send("x".repeat(300_000));
          assertThat(client.ending()).isEqualTo(new RawClient.Ending("", false));
        }
      }
    }
  }

  @Test
  void aSlowSideOfATunnelHoldsTheOtherBack() throws Exception {
    int most = 64 << 20;
    AtomicLong written = new AtomicLong();
    CountDownLatch mayRead = new CountDownLatch(1);
    AtomicLong got = new AtomicLong();
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH);
          try {
            mayRead.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          got.set(peer.skip(most));
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      Thread writer = new Thread(() -> client.write(most, written));
      writer.setDaemon(true);
      writer.start();
      long before = RawClient.settled(written);
      assertThat(before).isLessThan(32 << 20);
      mayRead.countDown();
      await().atMost(Duration.ofSeconds(60)).until(() -> got.get() == most);
    }
  }

  @Test
  void aSlowClientOfATunnelHoldsTheEndpointBack() throws Exception {
    int most = 64 << 20;
    AtomicLong written = new AtomicLong();
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH);
          String piece = "x".repeat(64 * 1024);
          while (written.get() < most) {
            peer.send(piece);
            written.addAndGet(piece.length());
          }
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      assertThat(RawClient.settled(written)).isLessThan(32 << 20);
      assertThat(client.count()).isEqualTo(most);
    }
  }

  @Test
  void octetsSentWhileTheEndpointDecidesWaitForTheSwitch() throws Exception {
    CountDownLatch mayAnswer = new CountDownLatch(1);
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          awaitQuietly(mayAnswer);
          peer.send(SWITCH);
          peer.readUntil("early");
          peer.send("got it");
        });
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      await().until(() -> endpoint.received().endsWith("\r\n\r\n"));
      client.send("ear").send("ly");
      await().during(Duration.ofMillis(300)).until(() -> endpoint.received().endsWith("\r\n\r\n"));
      mayAnswer.countDown();
      client.until("\r\n\r\n");
      assertThat(client.rest()).isEqualTo("got it");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Another configuration of the same proxy, with the endpoint as {@code app}. */
  private void restart(String config) {
    proxy.close();
    proxy = Proxy.start(config.formatted(endpoint.address()));
  }

  private static final String ONE_ROUTE =
      "upstreams.app.endpoints = [\"%s\"]\nroutes = [ { upstream = app } ]\n";

  /** Answers the switch, then every octet by itself until there are no more. */
  private static final RawEndpoint.Script ECHO =
      peer -> {
        peer.readUntil("\r\n\r\n");
        peer.send(SWITCH);
        for (int octet = peer.read(); octet >= 0; octet = peer.read()) {
          peer.send(Character.toString((char) octet));
        }
      };

  @Test
  void aListenerThatListsNoUpgradeAsksForNone() {
    restart("listeners.web { bind = \"127.0.0.1:0\", upgrades = [] }\n" + ONE_ROUTE);
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(ASK).read().body()).isEqualTo("ok");
      assertThat(client.send(ASK).read().body()).isEqualTo("ok");
    }
    assertThat(endpoint.received()).doesNotContainIgnoringCase("upgrade");
  }

  @Test
  void middlewareSeesTheRequestAndTheSwitch() throws IOException {
    restart("listeners.web { bind = \"127.0.0.1:0\", middleware = [marking] }\n" + ONE_ROUTE);
    endpoint.script(ECHO);
    try (RawClient client = proxy.connect()) {
      client.send(ASK.replace("\r\n\r\n", "\r\nX-Verified: client\r\n\r\n"));
      assertThat(client.until("\r\n\r\n"))
          .startsWith("HTTP/1.1 101 ")
          .contains("X-Verified: proxy\r\n");
      client.send("a");
      assertThat(client.until("a")).isEqualTo("a");
    }
    assertThat(endpoint.received()).contains("X-Verified: proxy\r\n").doesNotContain("client\r");
  }

  @Test
  void middlewareThatFailsKeepsTheTunnelShut() {
    restart("listeners.web { bind = \"127.0.0.1:0\", middleware = [failing] }\n" + ONE_ROUTE);
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(ASK).read().status()).isEqualTo(500);
    }
    assertThat(endpoint.received()).isEmpty();
  }

  @Test
  void silenceOnBothSidesEndsATunnel() throws IOException {
    restart("listeners.web { bind = \"127.0.0.1:0\", timeouts.tunnel-idle = 2s }\n" + ONE_ROUTE);
    endpoint.script(ECHO);
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      client.send("a");
      client.until("a");
      assertThat(client.ending().text()).isEmpty();
    }
    await().until(() -> endpoint.peers().get(0).ended());
  }

  @Test
  void octetsEitherWayKeepATunnelOpen() throws IOException {
    restart("listeners.web { bind = \"127.0.0.1:0\", timeouts.tunnel-idle = 3s }\n" + ONE_ROUTE);
    endpoint.script(ECHO);
    long until = System.nanoTime() + Duration.ofSeconds(7).toNanos();
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(500))
          .until(
              () -> {
                client.send("a").until("a");
                return System.nanoTime() - until > 0;
              });
    }
  }

  @Test
  void aTunnelOutlivesReloadsOfItsRouteAndOfItsListener() throws IOException {
    endpoint.script(ECHO);
    try (RawClient client = proxy.connect()) {
      client.send(ASK);
      client.until("\r\n\r\n");
      assertThat(
              proxy.reload(
                  """
                  listeners.web.bind = "127.0.0.1:0"
                  upstreams.other.endpoints = ["127.0.0.1:1"]
                  routes = [ { upstream = other } ]
                  """))
          .isEmpty();
      client.send("a");
      assertThat(client.until("a")).isEqualTo("a");
      try (RawClient late = proxy.connect()) {
        assertThat(late.send(ASK).read().status()).isEqualTo(502);
      }
      assertThat(
              proxy.reload(
                  """
                  listeners.other.bind = "127.0.0.1:0"
                  routes = [ { respond.status = 204 } ]
                  """))
          .isEmpty();
      client.send("b");
      assertThat(client.until("b")).isEqualTo("b");
      client.halfClose();
      assertThat(client.rest()).isEmpty();
    }
    await().until(() -> endpoint.peers().get(0).ended());
  }
}
