package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Ending;
import io.sluice.core.wire.RawClient.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row of the error table, by octets. */
class ErrorTableTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private final ServerSocket full = full();
  private final List<Socket> filling = new ArrayList<>();
  private Proxy proxy;

  private static ServerSocket full() {
    try {
      return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0"
              limits { max-header-size = 1K, max-headers = 10, max-body-size = 100B } }
            listeners.hasty { bind = "127.0.0.1:0", timeouts { header = 300ms, idle = 1s } }
            listeners.quiet { bind = "127.0.0.1:0", middleware = [failing] }
            upstreams {
              app.endpoints = ["%1$s"]
              once { endpoints = ["%1$s"], retry { attempts = 1 } }
              closed { endpoints = ["127.0.0.1:1"] }
              full { endpoints = ["127.0.0.1:%2$d"], timeouts.connect = 200ms, retry { attempts = 1 } }
              narrow { endpoints = ["%1$s"], limits { max-connections = 1, max-pending = 0 } }
              queued { endpoints = ["%1$s"]
                limits { max-connections = 1, max-pending = 1, pending-timeout = 100ms } }
              sick { endpoints = ["%1$s"], health-check { type = never, initial = unhealthy } }
              few { endpoints = ["%1$s"], limits { max-requests = 1 } }
            }
            routes = [
              { match.path = "/closed", upstream = closed }
              { match.path = "/full", upstream = full }
              { match.path = "/sick", upstream = sick }
              { match.path = "/narrow", upstream = narrow }
              { match.path = "/queued", upstream = queued }
              { match.path = "/few", upstream = few }
              { match.path = "/slow", upstream = once, timeouts.first-byte = 200ms }
              { match.path = "/idle", upstream = once, timeouts.idle = 1s }
              { match.path = "/whole", upstream = once, timeouts.request = 200ms }
              { match.path = "/once", upstream = once }
              { match.path = "/failing", middleware = [failing], upstream = app }
              { match.path = "/buffering", middleware = [buffering], upstream = app }
              { match.path = "/app", upstream = app }
            ]
            """
                .formatted(endpoint.address(), full.getLocalPort()));
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    endpoint.close();
    full.close();
    for (Socket each : filling) {
      each.close();
    }
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  private Response answer(String request) {
    try (RawClient client = proxy.connect()) {
      return client.send(request).read();
    }
  }

  /** That {@code response} is the proxy's own, says what it has to and gives nothing away. */
  private void isError(Response response, int status, @Nullable String proxyStatus) {
    assertThat(response.status()).isEqualTo(status);
    if (proxyStatus == null) {
      assertThat(response.header("Proxy-Status")).isNull();
    } else {
      assertThat(response.header("Proxy-Status")).startsWith("sluice; error=" + proxyStatus);
    }
    assertThat(response.header("Content-Type")).isEqualTo("application/json");
    assertThat(response.header("Date")).isNotNull();
    assertThat(response.body())
        .matches(
            "\\{\"status\":" + status + ",\"error\":\"[a-z_]+\",\"exchange\":\"[0-9a-f]{16}\"}\n");
    assertThat(response.head() + response.body())
        .doesNotContain(
            "Exception", "secret", "io.sluice", endpoint.address(), "127.0.0.1", "\tat");
  }

  private void isErrorAndCloses(String request, int status, @Nullable String proxyStatus) {
    isErrorAndCloses("web", request, status, proxyStatus);
  }

  private void isErrorAndCloses(
      String listener, String request, int status, @Nullable String proxyStatus) {
    try (RawClient client = proxy.connect(listener)) {
      Response response = client.send(request).read();
      isError(response, status, proxyStatus);
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(client.ending().text()).isEmpty();
    }
  }

  @Test
  void noRoute() {
    try (RawClient client = proxy.connect()) {
      Response response = client.send(get("/nowhere")).read();
      isError(response, 404, "destination_not_found");
      assertThat(response.header("Connection")).isNull();
      assertThat(client.send(get("/app")).read().body()).isEqualTo("ok");
    }
  }

  @Test
  void errorsAreTextForThoseWhoPreferIt() {
    Response response =
        answer(
            "GET /nowhere HTTP/1.1\r\nHost: a\r\nAccept: text/plain, application/json;q=0\r\n\r\n");
    assertThat(response.header("Content-Type")).startsWith("text/plain");
    assertThat(response.body()).startsWith("404 no_route\nexchange ");
  }

  @Test
  void errorsToHeadHaveNoContent() {
    try (RawClient client = proxy.connect()) {
      client.send("HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + get("/app"));
      assertThat(client.read(true).status()).isEqualTo(404);
      assertThat(client.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void headersTooLarge() {
    String lines = "X-Long: " + "x".repeat(1000) + "\r\n";
    isErrorAndCloses("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n", 431, "http_request_error");
    isErrorAndCloses(
        "GET / HTTP/1.1\r\nHost: a\r\n" + "A: 1\r\n".repeat(10) + "\r\n",
        431,
        "http_request_error");
    isErrorAndCloses(
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(100_000), 431, "http_request_error");
  }

  @Test
  void uriTooLong() {
    isErrorAndCloses("GET /" + "x".repeat(2000), 414, "http_request_error");
    isErrorAndCloses("GET /" + "x".repeat(100_000) + " HTTP/1.1\r\n", 414, "http_request_error");
  }

  @Test
  void bodyTooLarge() {
    String head = "POST /app HTTP/1.1\r\nHost: a\r\n";
    isErrorAndCloses(
        head + "Content-Length: 101\r\n\r\n" + "x".repeat(101), 413, "http_request_error");
    isErrorAndCloses(head + "Content-Length: 1000000000000\r\n\r\n", 413, "http_request_error");
    assertThat(endpoint.received()).isEmpty();
    isErrorAndCloses(
        head + "Transfer-Encoding: chunked\r\n\r\n65\r\n" + "x".repeat(101),
        413,
        "http_request_error");
    assertThat(answer(head + "Content-Length: 100\r\n\r\n" + "x".repeat(100)).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "G",
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
        "POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "POST /buffering HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
      })
  void deadlinesOfHeadAndBody(String request) {
    isErrorAndCloses("hasty", request, 408, null);
  }

  @Test
  void aHeadThatTricklesIsLateToo() {
    try (RawClient client = proxy.connect("hasty")) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
      await()
          .pollInterval(java.time.Duration.ofMillis(20))
          .until(() -> client.send("x").hasInput());
      assertThat(client.read().status()).isEqualTo(408);
    }
  }

  @Test
  void contentThatWasAskedForHasADeadline() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 100 Continue\r\n\r\n");
          peer.readToEnd();
        });
    try (RawClient client = proxy.connect("hasty")) {
      client.send(
          "POST /once HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
              + "Content-Length: 5\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      Response response = client.read();
      isError(response, 408, null);
      assertThat(response.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void aClientIsNotSlowWhileNobodyReadsFromIt() {
    long waitNanos = java.util.concurrent.TimeUnit.SECONDS.toNanos(3);
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          long until = System.nanoTime() + waitNanos;
          await().until(() -> System.nanoTime() - until > 0);
          peer.read(8 * 1024 * 1024);
          peer.send(OK);
        });
    try (RawClient client = proxy.connect("hasty")) {
      client.send("POST /once HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n");
      assertThat(client.send("x".repeat(8 * 1024 * 1024)).read().body()).isEqualTo("ok");
    }
  }

  @Test
  void everyEndpointUnhealthy() {
    isError(answer(get("/sick")), 503, "destination_unavailable");
    assertThat(endpoint.received()).isEmpty();
  }

  @Test
  void anIdleConnectionIsClosedWithoutAWord() {
    try (RawClient client = proxy.connect("hasty")) {
      assertThat(client.ending()).isEqualTo(new Ending("", false));
    }
  }

  @Test
  void connectRefused() {
    isError(answer(get("/closed")), 502, "connection_refused");
  }

  @Test
  void connectTimeout() throws IOException {
    for (int i = 0; i < 4; i++) { // more than the backlog: the next handshake gets no answer
      Socket socket = new Socket();
      filling.add(socket);
      try {
        socket.connect(full.getLocalSocketAddress(), 100);
      } catch (java.net.SocketTimeoutException e) {
        break;
      }
    }
    isError(answer(get("/full")), 504, "connection_timeout");
  }

  @Test
  void closedBeforeTheHead() {
    endpoint.script(RawEndpoint.Peer::readRequest);
    isError(answer(get("/once")), 502, "connection_terminated");
    endpoint.script(peer -> peer.readUntil("GET"));
    isError(answer(get("/once")), 502, "connection_terminated");
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nContent-Le");
        });
    isError(answer(get("/once")), 502, "connection_terminated");
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.reset();
        });
    isError(answer(get("/once")), 502, "connection_terminated");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 700 OK\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      })
  void badResponse(String response) {
    endpoint.script(RawEndpoint.always(response));
    isError(answer(get("/once")), 502, "http_protocol_error");
  }

  @Test
  void responseHeadTooLarge() {
    endpoint.script(RawEndpoint.always("HTTP/1.1 200 OK\r\nX: " + "x".repeat(70_000) + "\r\n\r\n"));
    isError(answer(get("/once")), 502, "http_response_header_section_size");
  }

  @Test
  void noFirstByteInTime() {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.readToEnd();
        });
    isError(answer(get("/slow")), 504, "http_response_timeout");
    isError(answer(get("/whole")), 504, "http_response_timeout");
  }

  @ParameterizedTest
  @CsvSource({"/narrow", "/queued", "/few"})
  void limits(String path) {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.readToEnd();
        });
    try (RawClient holder = proxy.connect()) {
      holder.send(get(path));
      await().until(() -> endpoint.received().contains(path));
      Response response = answer(get(path));
      isError(response, 503, "connection_limit_reached");
      assertThat(response.header("Retry-After")).isEqualTo("1");
    }
  }

  @Test
  void pluginFailed() {
    isError(answer(get("/failing")), 500, "proxy_internal_error");
    try (RawClient client = proxy.connect("quiet")) {
      isError(client.send(get("/app")).read(), 500, "proxy_internal_error");
      isError(client.send(get("/app")).read(), 500, "proxy_internal_error");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npartial\r\n",
      })
  void brokenOffIsNeverACleanEnd(String response) {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send(response);
        });
    for (String version : new String[] {"1.1", "1.0"}) {
      try (RawClient client = proxy.connect()) {
        client.send("GET /once HTTP/" + version + "\r\nHost: a\r\n\r\n");
        Ending ending = client.ending();
        assertThat(ending.reset() || ending.text().startsWith("HTTP/1.1 502 ")).isTrue();
        assertThat(ending.text()).doesNotContain("0\r\n\r\n");
      }
    }
  }

  @Test
  void aSilenceWithinAResponseBreaksIt() {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
          peer.readToEnd();
        });
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(get("/idle")).ending().reset()).isTrue();
    }
  }

  @Test
  void aResetOfAResponseWithoutLengthIsNoEndOfIt() {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\n\r\npart");
          peer.readUntil("never");
        });
    try (RawClient client = proxy.connect()) {
      client.send(get("/once"));
      await().until(() -> endpoint.received().contains("/once"));
      client.until("part");
      endpoint.peers().get(0).reset();
      assertThat(client.ending().reset()).isTrue();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
