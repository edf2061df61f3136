package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
