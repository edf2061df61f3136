package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several requests on one connection, on either side, and what ends a connection. */
class PersistenceTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n";

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.web.bind = "127.0.0.1:0"
            listeners.hasty { bind = "127.0.0.1:0", timeouts.idle = 500ms }
            listeners.two { bind = "127.0.0.1:0", limits.max-requests-per-connection = 2 }
            upstreams.app.endpoints = ["%s"]
            routes = [
              { match.path = "/ping", respond { status = 200, body = "pong" } }
              { match.path-prefix = "/", upstream = app }
            ]
            """
                .formatted(endpoint.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  @Test
  void requestsShareOneConnectionToTheEndpoint() {
    for (int i = 0; i < 3; i++) {
      try (RawClient client = proxy.connect()) {
        assertThat(client.send(GET.formatted(1)).read().body()).isEqualTo("ok");
        assertThat(client.send(GET.formatted(2)).read().body()).isEqualTo("ok");
      }
    }
    assertThat(endpoint.peers()).hasSize(1);
  }

  /** More than the kernel holds of both directions. */
  private static final int FLOOD = 16 << 20;

  @Test
  void aClientThatOnlySendsIsReadNoFurther() throws Exception {
    ByteBuffer requests =
        ByteBuffer.wrap(
            "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"
                .repeat(4096)
                .getBytes(StandardCharsets.US_ASCII));
    try (SocketChannel client = SocketChannel.open()) {
      client.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
      client.setOption(StandardSocketOptions.SO_SNDBUF, 64 * 1024);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port("web")));
      client.configureBlocking(false);
      long sent = 0;
      long movedNanos = System.nanoTime();
      while (sent < FLOOD && System.nanoTime() - movedNanos < TimeUnit.SECONDS.toNanos(2)) {
        int more = client.write(requests);
        if (more > 0) {
          sent += more;
          movedNanos = System.nanoTime();
        }
        if (!requests.hasRemaining()) {
          requests.rewind();
        }
      }
      assertThat(sent).isBetween(1L, FLOOD - 1L);
      client.configureBlocking(true);
      client.shutdownOutput();
      ByteBuffer answers = ByteBuffer.allocate(1 << 20);
      long received = 0;
      for (int more = client.read(answers); more >= 0; more = client.read(answers.clear())) {
        received += more;
      }
      assertThat(received).as("octets of answers to what was sent").isGreaterThan(sent);
    }
  }

  private double sum(String meter) {
    return proxy.metrics(meter).stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static boolean within(long millis, BooleanSupplier condition) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    boolean holds = condition.getAsBoolean();
    while (!holds && System.nanoTime() < until) {
      holds = condition.getAsBoolean();
    }
    return holds;
  }

  /** Asks for the last response of its connection, and takes none of it. */
  private SocketChannel asking() throws IOException {
    SocketChannel client = SocketChannel.open();
    client.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port("hasty")));
    String request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    client.write(StandardCharsets.US_ASCII.encode(request));
    return client;
  }

  /**
   * The kernel takes more of a response than anyone asked for, and only what it does not take waits
   * in the proxy: the first size of which something waits is what is wanted here.
   */
  @Test
  void aClientThatDoesNotTakeTheEndOfTheLastResponseIsNotWaitedFor() throws Exception {
    String open = "sluice_downstream_connections{listener=\"hasty\"";
    String ended = "sluice_requests_total{listener=\"hasty\"";
    AtomicInteger size = new AtomicInteger(1 << 20);
    endpoint.script(
        peer -> {
          while (peer.readRequest()) {
            byte[] content = new byte[size.get()];
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + content.length + "\r\n\r\n");
            peer.socket().getOutputStream().write(content);
          }
        });
    boolean waited = false;
    for (int tries = 0; tries < 200 && !waited; tries++) {
      double before = sum(ended);
      try (SocketChannel client = asking()) {
        if (within(1_000, () -> sum(ended) > before)) {
          waited = !within(150, () -> sum(open) == 0);
          size.addAndGet(128 * 1024);
        } else {
          size.addAndGet(-64 * 1024); // more waits than the proxy takes from the endpoint
        }
        if (waited) {
          await().until(() -> sum(open) == 0);
          assertThat(client.isOpen()).isTrue();
        }
      }
      await().until(() -> sum(open) == 0);
    }
    assertThat(waited).isTrue();
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    endpoint.script(
        peer -> {
          for (int i = 0; peer.readRequest(); i++) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + i);
          }
        });
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      all.append(GET.formatted(i));
    }
    try (RawClient client = proxy.connect()) {
      client.send(all.toString());
      for (int i = 0; i < 9; i++) {
        assertThat(client.read().body()).isEqualTo(Integer.toString(i));
      }
    }
  }

  @Test
  void aPipelinedRequestWithContentIsSentOnWhole() {
    String post = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    String chunks =
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    try (RawClient client = proxy.connect()) {
      client.send(GET.formatted(1) + post + chunks + GET.formatted(2));
      for (int i = 0; i < 4; i++) {
        assertThat(client.read().body()).isEqualTo("ok");
      }
    }
    assertThat(endpoint.received()).contains("\r\n\r\nhello", "\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
  }

  @Test
  void ownAnswersAndEndpointsMix() {
    String ping = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";
    String pingWithContent = "POST /ping HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET ";
    try (RawClient client = proxy.connect()) {
      client.send(ping + GET.formatted(1) + pingWithContent + ping + GET.formatted(2));
      assertThat(client.read().body()).isEqualTo("pong");
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.read().body()).isEqualTo("pong");
      assertThat(client.read().body()).isEqualTo("pong");
      assertThat(client.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void aHalfCloseIsNoCancellation() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    endpoint.script(
        peer -> {
          peer.readRequest();
          awaitQuietly(closed);
          peer.send(OK);
          peer.readToEnd();
        });
    try (RawClient client = proxy.connect()) {
      client.send(GET.formatted(1)).halfClose();
      closed.countDown();
      RawClient.Ending ending = client.ending();
      assertThat(ending.reset()).isFalse();
      assertThat(ending.text()).endsWith("\r\n\r\nok");
    }
  }

  @Test
  void pipelinedRequestsBeforeAHalfCloseAreAllAnswered() {
    try (RawClient client = proxy.connect()) {
      client.send(GET.formatted(1) + GET.formatted(2) + GET.formatted(3)).halfClose();
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.ending()).isEqualTo(new RawClient.Ending("", false));
    }
  }

  @Test
  void aClientThatLeavesCancelsTheAttempt() {
    CountDownLatch asked = new CountDownLatch(1);
    endpoint.script(
        peer -> {
          peer.readRequest();
          asked.countDown();
          peer.readToEnd();
        });
    RawClient client = proxy.connect().send(GET.formatted(1));
    awaitQuietly(asked);
    client.reset();
    await().until(() -> endpoint.peers().get(0).ended());
  }

  @Test
  void closesWhenAskedTo() {
    try (RawClient client = proxy.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET.formatted(2));
      assertThat(client.read().header("Connection")).isEqualTo("close");
      assertThat(client.ending().text()).isEmpty();
    }
    assertThat(endpoint.received()).doesNotContain("/2");
  }

  @Test
  void closesAfterTheMostRequests() {
    try (RawClient client = proxy.connect("two")) {
      assertThat(client.send(GET.formatted(1)).read().header("Connection")).isNull();
      assertThat(client.send(GET.formatted(2)).read().header("Connection")).isEqualTo("close");
      assertThat(client.ending()).isEqualTo(new RawClient.Ending("", false));
    }
  }

  @Test
  void anEarlyAnswerReachesAClientThatStillSends() throws Exception {
    endpoint.script(
        peer -> {
          peer.readUntil("first");
          peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
          peer.readToEnd();
        });
    try (RawClient client = proxy.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nfirst");
      Response response = client.read();
      assertThat(response.status()).isEqualTo(403);
      assertThat(response.header("Connection")).isEqualTo("close");
      client.send("x".repeat(100_000));
      assertThat(client.ending().text()).isEmpty();
    }
  }

  @Test
  void anEarlyAnswerLeavesASmallRestBehind() {
    endpoint.script(
        peer -> {
          String head = peer.readUntil("\r\n\r\n");
          if (head != null) {
            peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            peer.readToEnd();
          }
        });
    try (RawClient client = proxy.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /smug");
      assertThat(client.read().status()).isEqualTo(403);
      client.send("gled HTTP/1.1\r\n\r\n....");
      endpoint.script(RawEndpoint.always(OK));
      assertThat(client.send(GET.formatted(2)).read().body()).isEqualTo("ok");
    }
    assertThat(endpoint.peers()).as("an unfinished request spoils its connection").hasSize(2);
  }

  @Test
  void octetsBehindAResponseAreNobodysResponse() {
    for (String bare :
        new String[] {
          "HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
          OK,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        }) {
      endpoint.script(
          peer -> {
            if (peer.readRequest()) {
              peer.send(bare + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
              peer.readToEnd();
            }
          });
      try (RawClient client = proxy.connect()) {
        client.send(GET.formatted(1) + GET.formatted(2));
        client.read();
        endpoint.script(RawEndpoint.always(OK));
        assertThat(client.read().body()).as(bare).doesNotContain("evil");
      }
      endpoint.forget();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    await().until(() -> latch.getCount() == 0);
  }
}
