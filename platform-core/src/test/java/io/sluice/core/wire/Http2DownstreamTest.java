package io.sluice.core.wire;

import static io.sluice.core.wire.Http2Client.DATA;
import static io.sluice.core.wire.Http2Client.GOAWAY;
import static io.sluice.core.wire.Http2Client.HEADERS;
import static io.sluice.core.wire.Http2Client.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 from a client with prior knowledge, frame by frame. */
class Http2DownstreamTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final Duration SOON = Duration.ofSeconds(20);

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    endpoint.close();
  }

  private Http2Client client(int... settings) {
    return client("", settings);
  }

  private Http2Client client(String listener, int... settings) {
    if (proxy == null) {
      proxy =
          Proxy.start(
              """
              listeners.web { bind = "127.0.0.1:0", %s }
              upstreams.app.endpoints = ["%s"]
              routes = [ { upstream = app } ]
              """
                  .formatted(listener, endpoint.address()));
    }
    return Http2Client.open(proxy.port("web"), settings);
  }

  @Test
  void servesARequestAndTellsTheEndpointWhatCame() {
    try (Http2Client client = client()) {
      Http2Client.Response response =
          client.request(1, "GET", "/a?b=c", true, "x-more", "1").response(1);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("hello");
      assertThat(response.head().get("content-length")).hasToString("5");
      assertThat(response.head().get("date")).isNotNull();
      assertThat(endpoint.received())
          .startsWith("GET /a?b=c HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: a\r\n")
          .contains("x-more: 1\r\n")
          .containsIgnoringCase("via: 2");
    }
  }

  @Test
  void takesThePrefaceInPieces() {
    client().close();
    byte[] preface = Http2Client.PREFACE.getBytes(StandardCharsets.US_ASCII);
    for (int split = 1; split < preface.length; split++) {
      try (Http2Client client = Http2Client.to(proxy.port("web"))) {
        client.send(Arrays.copyOf(preface, split));
        client.send(Arrays.copyOfRange(preface, split, preface.length));
        client.frame(Http2Client.SETTINGS, 0, 0, new byte[0]);
        assertThat(client.get(1, "/").response(1).body()).isEqualTo("hello");
      }
    }
  }

  @Test
  void servesStreamsInAnyOrder() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    endpoint.script(
        peer -> {
          String head = peer.readUntil("\r\n\r\n");
          if (head != null && head.startsWith("GET /slow")) {
            waitFor(first);
          }
          peer.send(OK);
        });
    try (Http2Client client = client()) {
      client.get(1, "/slow").get(3, "/fast");
      assertThat(client.response(3).status()).isEqualTo(200);
      first.countDown();
      assertThat(client.response(1).status()).isEqualTo(200);
    }
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void passesContentAndTrailersBothWays() {
    endpoint.script(
        peer -> {
          while (peer.readRequest()) {
            peer.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n"
                    + "3\r\nabc\r\n0\r\nx-sum: 9\r\n\r\n");
          }
        });
    try (Http2Client client = client()) {
      client.request(1, "POST", "/", false, "te", "trailers");
      client.data(1, false, "12").data(1, false, "345").headers(1, true, "x-last", "yes");
      Http2Client.Response response = client.response(1);
      assertThat(response.body()).isEqualTo("abc");
      assertThat(response.trailers()).isNotNull();
      assertThat(response.trailers().get("x-sum")).hasToString("9");
      assertThat(response.head().contains("transfer-encoding")).isFalse();
      assertThat(endpoint.received())
          .containsIgnoringCase("transfer-encoding: chunked")
          .endsWith("0\r\nx-last: yes\r\n\r\n");
    }
  }

  @Test
  void endsTheStreamOnTheHeadWhereThereIsNoContent() {
    endpoint.script(RawEndpoint.always("HTTP/1.1 204 No Content\r\n\r\n"));
    try (Http2Client client = client()) {
      Http2Client.Frame head = client.get(1, "/").next(HEADERS);
      assertThat(head.has(Http2Client.END_STREAM)).isTrue();
      client.decode(head);
      endpoint.script(RawEndpoint.always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
      endpoint.peers().forEach(RawEndpoint.Peer::hangUp);
      Http2Client.Frame toHead = client.request(3, "HEAD", "/", true).next(HEADERS);
      assertThat(toHead.has(Http2Client.END_STREAM)).isTrue();
      assertThat(client.decode(toHead).get("content-length")).hasToString("5");
    }
  }

  @Test
  void endsTheStreamWithTheLastOctets() {
    try (Http2Client client = client()) {
      Http2Client.Frame data = client.get(1, "/").next(DATA);
      assertThat(data.payload()).hasSize(5);
      assertThat(data.has(Http2Client.END_STREAM)).isTrue();
    }
  }

  @Test
  void relaysInformationalResponses() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);
        });
    try (Http2Client client = client()) {
      Http2Client.Response response = client.get(1, "/").response(1);
      assertThat(response.informational()).hasSize(1);
      assertThat(response.informational().get(0).get("link")).hasToString("</a>");
      assertThat(response.body()).isEqualTo("hello");
    }
  }

  @Test
  void aClientThatTakesNothingIsSparedInformationalResponsesButToldToGoOn() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          String hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
          peer.send(hints + "HTTP/1.1 100 Continue\r\n\r\n" + hints);
          peer.send("HTTP/1.1 204 No Content\r\n\r\n");
        });
    try (Http2Client client = client(4, 0)) {
      Http2Client.Response response = client.get(1, "/").response(1);
      assertThat(response.informational()).hasSize(1);
      assertThat(response.informational().get(0).status()).hasToString("100");
      assertThat(response.status()).isEqualTo(204);
    }
  }

  @Test
  void aResetCancelsThatExchangeOnly() {
    endpoint.script(
        peer -> {
          for (String head = peer.readUntil("\r\n\r\n");
              head != null;
              head = peer.readUntil("\r\n\r\n")) {
            if (!head.startsWith("GET /hang")) {
              peer.send(OK);
            }
          }
        });
    try (Http2Client client = client()) {
      client.get(1, "/hang");
      await().atMost(SOON).until(() -> endpoint.received().contains("/hang"));
      client.reset(1, (int) Http2Error.CANCEL.code());
      await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
      assertThat(client.get(3, "/").response(3).body()).isEqualTo("hello");
    }
  }

  @Test
  void aBrokenEndpointIsNeverACleanEnd() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
          peer.close();
        });
    try (Http2Client client = client()) {
      Http2Client.Response response = client.get(1, "/").response(1);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.resetBy()).isEqualTo((int) Http2Error.INTERNAL_ERROR.code());
    }
  }

  @Test
  void asksTheClientToStopBehindAWholeResponse() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        });
    try (Http2Client client = client()) {
      client.request(1, "POST", "/", false).data(1, false, "abc");
      assertThat(client.response(1).body()).isEqualTo("no");
      Http2Client.Frame reset = client.next(RST_STREAM);
      assertThat(reset.error()).isEqualTo((int) Http2Error.NO_ERROR.code());
      client.data(1, false, "on its way").data(1, true, "as well");
      endpoint.script(RawEndpoint.always(OK));
      assertThat(client.get(3, "/").response(3).body()).isEqualTo("hello");
    }
  }

  @Test
  void answersWhatTheFramingGuardRefuses() {
    try (Http2Client client = client("limits { max-body-size = 4B, max-header-size = 4K }")) {
      assertThat(client.request(1, "GET", "/%zz", true).response(1).status()).isEqualTo(400);
      assertThat(client.request(3, "POST", "/", false, "content-length", "9").response(3).status())
          .isEqualTo(413);
      client.request(5, "POST", "/", false).data(5, false, "12345");
      assertThat(client.response(5).status()).isEqualTo(413);
      client.request(7, "GET", "/", true, "x-long", "x".repeat(4_200));
      assertThat(client.response(7).status()).isEqualTo(431);
      assertThat(client.get(9, "/").response(9).status()).isEqualTo(200);
    }
  }

  @Test
  void closesAfterAllItsRequests() {
    try (Http2Client client = client("limits.max-requests-per-connection = 2")) {
      assertThat(client.get(1, "/").response(1).status()).isEqualTo(200);
      client.get(3, "/");
      assertThat(client.next(GOAWAY).lastStream()).isEqualTo(Integer.MAX_VALUE);
      assertThat(client.next(GOAWAY).lastStream()).isEqualTo(3);
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void closesWhenIdle() {
    try (Http2Client client = client("timeouts.idle = 1s")) {
      assertThat(client.get(1, "/").response(1).status()).isEqualTo(200);
      Http2Client.Frame last = client.next(GOAWAY);
      assertThat(last.error()).isZero();
      assertThat(last.lastStream()).isOne();
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void aHalfCloseIsNoCancellation() {
    try (Http2Client client = client()) {
      client.get(1, "/").response(1);
      client.stallWindows().get(3, "/").halfClose();
      assertThat(client.response(3).body()).isEqualTo("hello");
    }
  }

  /** The octets that a window has in the beginning (RFC 9113 §6.9.2). */
  private static final int WINDOW = 65_535;

  private void sendsInTwoParts(CountDownLatch first, CountDownLatch second, String rest) {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          waitFor(first);
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          peer.send("ffff\r\n" + "x".repeat(WINDOW) + "\r\n");
          waitFor(second);
          peer.send(rest);
          peer.readToEnd();
        });
  }

  private static void readWindow(Http2Client client) {
    int came = 0;
    while (came < WINDOW) {
      Http2Client.Frame data = client.next(DATA);
      assertThat(data.has(Http2Client.END_STREAM)).isFalse();
      came += data.payload().length;
    }
    assertThat(came).isEqualTo(WINDOW);
  }

  /** A client that sends nothing more; its window is used up, and {@code rest} is behind that. */
  private Http2Client halfClosed(boolean ahead, String rest) {
    CountDownLatch first = new CountDownLatch(ahead ? 1 : 0);
    CountDownLatch second = new CountDownLatch(1);
    sendsInTwoParts(first, second, rest);
    Http2Client client = client().stallWindows().get(1, "/");
    if (ahead) {
      client.halfClose();
      first.countDown();
      readWindow(client);
    } else {
      readWindow(client);
      client.halfClose();
    }
    second.countDown();
    return client;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void behindAHalfCloseComesWhatFitsTheWindow(boolean halfCloseFirst) {
    try (Http2Client client = halfClosed(halfCloseFirst, "0\r\n\r\n")) {
      Http2Client.Frame end = client.next(DATA);
      assertThat(end.has(Http2Client.END_STREAM)).isTrue();
      assertThat(end.payload()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void behindAHalfCloseWhatDoesNotFitTheWindowEndsByCancel(boolean halfCloseFirst) {
    try (Http2Client client = halfClosed(halfCloseFirst, "1\r\nx\r\n0\r\n\r\n")) {
      assertThat(client.next(RST_STREAM).error()).isEqualTo((int) Http2Error.CANCEL.code());
    }
  }

  @Test
  void offRefusesThePreface() throws IOException {
    client("http2 = off").close();
    try (RawClient client = proxy.connect()) {
      client.send(Http2Client.PREFACE);
      assertThat(client.read().status()).isEqualTo(505);
    }
  }

  @Test
  void onlyRefusesEverythingElse() {
    client("http2 = only").close();
    try (Http2Client client = Http2Client.open(proxy.port("web"))) {
      assertThat(client.get(1, "/").response(1).body()).isEqualTo("hello");
    }
    try (Http2Client client = Http2Client.to(proxy.port("web"))) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(client.next(GOAWAY).error()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void drainsWhatIsOnItsWayBeforeItCloses() {
    CountDownLatch answer = new CountDownLatch(1);
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          waitFor(answer);
          peer.send(OK);
        });
    try (Http2Client client = client()) {
      client.get(1, "/");
      await().atMost(SOON).until(() -> endpoint.received().contains("\r\n\r\n"));
      assertThat(
              proxy.reload(
                  """
                  listeners.other.bind = "127.0.0.1:0"
                  routes = [ { respond { status = 200, body = "ok" } } ]
                  """))
          .isEmpty();
      assertThat(client.next(GOAWAY).lastStream()).isEqualTo(Integer.MAX_VALUE);
      assertThat(client.next(GOAWAY).lastStream()).isOne();
      answer.countDown();
      assertThat(client.response(1).body()).isEqualTo("hello");
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void aStreamKeepsTheGenerationItBeganOnAndTheNextOneHasTheNew() {
    CountDownLatch answer = new CountDownLatch(1);
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          waitFor(answer);
          peer.send(OK);
        });
    try (Http2Client client = client()) {
      client.get(1, "/old");
      await().atMost(SOON).until(() -> endpoint.received().contains("\r\n\r\n"));
      assertThat(
              proxy.reload(
                  """
                  listeners.web { bind = "127.0.0.1:0",  }
                  routes = [ { respond { status = 203, body = "new generation" } } ]
                  """))
          .isEmpty();
      Http2Client.Response next = client.get(3, "/new").response(3);
      assertThat(next.status()).isEqualTo(203);
      assertThat(next.body()).isEqualTo("new generation");
      answer.countDown();
      assertThat(client.response(1).body()).isEqualTo("hello");
      assertThat(client.get(5, "/").response(5).status()).isEqualTo(203);
    }
  }

  @Test
  void theLastStreamIdentifierIsServedAndNoneCanFollow() {
    try (Http2Client client = client()) {
      client.get(Integer.MAX_VALUE - 2, "/");
      assertThat(client.response(Integer.MAX_VALUE - 2).status()).isEqualTo(200);
      assertThat(client.get(Integer.MAX_VALUE, "/").response(Integer.MAX_VALUE).body())
          .isEqualTo("hello");
      client.get(1, "/");
      assertThat(client.next(GOAWAY).error()).isNotZero();
    }
  }

  @Test
  void countsItsConnections() {
    try (Http2Client client = client()) {
      client.get(1, "/").response(1);
      assertThat(proxy.metrics("sluice_downstream_connections"))
          .anyMatch(line -> line.contains("protocol=\"http2\"") && line.endsWith(" 1.0"))
          .anyMatch(line -> line.contains("protocol=\"http1\"") && line.endsWith(" 0.0"));
    }
  }

  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

  private static void connect(Http2Client client, int stream, String protocol, String... more) {
    List<String> fields = new ArrayList<>();
    fields.addAll(List.of(":method", "CONNECT", ":protocol", protocol, ":scheme", "http"));
    fields.addAll(List.of(":authority", "a", ":path", "/chat", "sec-websocket-version", "13"));
    fields.addAll(List.of(more));
    client.headers(stream, false, fields.toArray(String[]::new));
  }

  @Test
  void anExtendedConnectOpensATunnel() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH + "welcome");
          String said = peer.readUntil("!");
          peer.send("<" + said + ">");
        });
    try (Http2Client client = client()) {
      Http2Client.Frame settings = client.next(Http2Client.SETTINGS);
      assertThat(settings.payload())
          .endsWith(new byte[] {0, 8, 0, 0, 0, 1}); // ENABLE_CONNECT_PROTOCOL
      connect(client, 1, "websocket");
      client.data(1, false, "hello!"); // before the tunnel is open, which is early but allowed
      Http2Client.Response response = client.response(1);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.head().contains("upgrade")).isFalse();
      assertThat(response.body()).isEqualTo("welcome<hello!>");
      assertThat(endpoint.received())
          .startsWith("GET /chat HTTP/1.1\r\n")
          .containsIgnoringCase("upgrade: websocket\r\n")
          .containsIgnoringCase("sec-websocket-key: ");
    }
  }

  @Test
  void anythingElseThan101OpensNoTunnel() {
    try (Http2Client client = client()) {
      connect(client, 1, "websocket");
      assertThat(client.response(1).status()).isEqualTo(502);
      connect(client, 3, "h2c");
      assertThat(client.response(3).status()).isGreaterThanOrEqualTo(400);
    }
  }

  @Test
  void anAnswerOfOurOwnOpensNoTunnel() {
    proxy =
        Proxy.start(
            """
            listeners.web.bind = "127.0.0.1:0"
            routes = [ { respond { status = 200, body = "ok" } } ]
            """);
    try (Http2Client client = client()) {
      connect(client, 1, "websocket");
      Http2Client.Response refused = client.response(1);
      assertThat(refused.status()).isEqualTo(502);
      assertThat(refused.head().get("proxy-status")).asString().contains("http_protocol_error");
      connect(client, 3, "websocket", "content-type", "application/grpc");
      assertThat(client.response(3).status()).isEqualTo(502);
      assertThat(client.get(5, "/").response(5).body()).isEqualTo("ok");
    }
  }

  @Test
  void aTunnelPassesOctetsWithoutARouteForThem() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH);
          peer.readToEnd();
        });
    try (Http2Client client = client()) {
      connect(client, 1, "websocket");
      client.next(HEADERS);
      client.data(1, false, "one").data(1, true, "two");
      await().atMost(SOON).until(() -> endpoint.received().endsWith("onetwo"));
    }
  }

  @Test
  void slowContentIsAnsweredOnItsStream() {
    try (Http2Client client = client("body-min-rate = 1K, timeouts.idle = 1s")) {
      client.request(1, "POST", "/", false).data(1, false, "x");
      assertThat(client.response(1).status()).isEqualTo(408);
    }
  }

  @Test
  void aPausedEndpointPausesTheClientByItsWindow() {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.skip(4 << 20);
          peer.send(OK);
        });
    try (Http2Client client = client()) {
      client.request(1, "POST", "/", false, "content-length", Integer.toString(4 << 20));
      String piece = "x".repeat(16 * 1024);
      long window = 65_535;
      long sent = 0;
      boolean acknowledged = false;
      while (sent < 4 << 20) {
        if (window >= piece.length()) {
          client.data(1, sent + piece.length() == 4 << 20, piece);
          sent += piece.length();
          window -= piece.length();
        } else {
          Http2Client.Frame frame = client.next();
          assertThat(frame).isNotNull();
          if (frame.type() == Http2Client.WINDOW_UPDATE && frame.stream() == 1) {
            window += frame.lastStream(); // its number is where GOAWAY has the stream
          } else if (frame.type() == Http2Client.SETTINGS && !frame.has(1) && !acknowledged) {
            acknowledged = true;
            window += 256 * 1024 - 65_535;
          }
        }
      }
      assertThat(client.response(1).body()).isEqualTo("hello");
    }
  }
}
