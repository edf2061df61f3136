package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.wire.RawClient.Response;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is tried again, where, and with what content. */
class AttemptTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final RawEndpoint first = RawEndpoint.answering(OK);
  private final RawEndpoint second = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.web.bind = "127.0.0.1:0"
            listeners.reading { bind = "127.0.0.1:0", middleware = [buffering] }
            upstreams {
              both.endpoints = ["%1$s", "%2$s"]
              one { endpoints = ["%1$s"], retry = off }
              dead.endpoints = ["127.0.0.1:1", "%2$s"]
            }
            routes = [
              { match.path = "/one", upstream = one }
              { match.path = "/dead", upstream = dead }
              { upstream = both }
            ]
            """
                .formatted(first.address(), second.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    first.close();
    second.close();
  }

  private Response answer(String request) {
    try (RawClient client = proxy.connect()) {
      return client.send(request).read();
    }
  }

  private static String request(String method, String path, String content) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: a\r\nContent-Length: "
        + content.length()
        + "\r\n\r\n"
        + content;
  }

  private void firstBreaks() {
    first.script(
        peer -> {
          peer.readRequest();
          peer.close();
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
  void idempotentRequestsGoToAnotherEndpoint(String method) {
    firstBreaks();

    assertThat(answer(request(method, "/", "hello")).body()).isEqualTo("ok");

    assertThat(first.peers()).hasSize(1);
    assertThat(second.received()).startsWith(method + " / ").endsWith("\r\n\r\nhello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH", "LOCK"})
  void otherRequestsDoNot(String method) {
    firstBreaks();

    assertThat(answer(request(method, "/", "hello")).status()).isEqualTo(502);

    assertThat(first.peers()).hasSize(1);
    assertThat(second.received()).isEmpty();
  }

  @Test
  void whatNeverWentOutMayBeSentWhateverItIs() {
    assertThat(answer(request("POST", "/dead", "hello")).body()).isEqualTo("ok");
    assertThat(second.received()).endsWith("\r\n\r\nhello");
  }

  @Test
  void contentIsSentAgainWhileItIsInMemory() {
    firstBreaks();
    String content = "0123456789abcdef".repeat(4096);

    assertThat(answer(request("PUT", "/", content)).body()).isEqualTo("ok");

    assertThat(second.received()).endsWith("\r\n\r\n" + content);
  }

  @Test
  void chunksAreSentAgainWithTheirTrailers() {
    firstBreaks();
    String chunked =
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n";

    assertThat(answer(chunked).body()).isEqualTo("ok");

    assertThat(second.received()).endsWith("0\r\nX-Sum: 1\r\n\r\n").contains("hello");
  }

  @Test
  void contentThatIsTooLargeToKeepIsNotSentAgain() {
    firstBreaks();

    assertThat(answer(request("PUT", "/", "x".repeat(65_537))).status()).isEqualTo(502);

    assertThat(second.received()).isEmpty();
  }

  @Test
  void aStatusMayBeTriedAgainAndTheLastOneIsRelayed() {
    String busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";
    first.script(RawEndpoint.always(busy));
    assertThat(answer(request("GET", "/", "")).body()).isEqualTo("ok");

    second.script(RawEndpoint.always(busy));
    second.peers().forEach(peer -> peer.hangUp());
    Response response = answer(request("GET", "/", ""));
    assertThat(response.status()).isEqualTo(503);
    assertThat(response.body()).isEqualTo("busy");
    assertThat(response.header("Proxy-Status")).isNull();
  }

  @Test
  void aStatusIsNotTriedAgainForWhatIsNotIdempotent() {
    first.script(RawEndpoint.always("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"));

    assertThat(answer(request("POST", "/", "x")).body()).isEqualTo("busy");

    assertThat(second.received()).isEmpty();
  }

  @Test
  void nothingIsTriedAgainOnceTheResponseBegan() {
    first.script(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
          peer.readUntil("never");
        });
    try (RawClient client = proxy.connect()) {
      client.send(request("GET", "/", ""));
      client.until("part");
      first.peers().get(0).hangUp();
      assertThat(client.ending().reset()).isTrue();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    assertThat(second.received()).isEmpty();
  }

  /** Answers once; closes the connection when the next request comes, having read it. */
  private AtomicInteger closesAtTheSecondRequest() {
    AtomicInteger answered = new AtomicInteger();
    first.script(
        peer -> {
          peer.readRequest();
          int before = answered.getAndIncrement();
          peer.send(OK);
          if (before == 0) {
            peer.readRequest();
            peer.close();
          } else {
            peer.readToEnd();
          }
        });
    return answered;
  }

  @Test
  void aConnectionThatWasClosedWhileIdleIsReplacedForGet() {
    AtomicInteger answered = closesAtTheSecondRequest();

    assertThat(answer(request("GET", "/one", "")).body()).isEqualTo("ok");
    assertThat(answer(request("GET", "/one", "")).body()).isEqualTo("ok");

    assertThat(first.peers()).hasSize(2);
    assertThat(answered).hasValue(2);
  }

  @Test
  void butNotForPost() {
    closesAtTheSecondRequest();

    assertThat(answer(request("GET", "/one", "")).body()).isEqualTo("ok");
    Response response = answer(request("POST", "/one", "x"));

    assertThat(response.status()).isEqualTo(502);
    assertThat(response.header("Proxy-Status")).contains("connection_terminated");
    assertThat(first.peers()).hasSize(1);
  }

  @Test
  void expectIsForwardedAndItsAnswerRelayed() {
    first.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          assertThat(peer.received()).contains("Expect: 100-continue\r\n").endsWith("\r\n\r\n");
          peer.send("HTTP/1.1 100 Continue\r\n\r\n");
          peer.read(5);
          peer.send(OK);
        });
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send("hello").read().body()).isEqualTo("ok");
    }
    assertThat(first.received()).endsWith("\r\n\r\nhello");
  }

  @Test
  void aRefusedExpectationClosesForTheContentMayOrMayNotFollow() {
    first.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
        });
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      Response response = client.read();
      assertThat(response.status()).isEqualTo(417);
      assertThat(response.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void anExpectationIsAnsweredHereWhereAPolicyReadsFirst() {
    try (RawClient client = proxy.connect("reading")) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send("hello").read().body()).isEqualTo("ok");
      assertThat(client.send(request("PUT", "/", "again")).read().body()).isEqualTo("ok");
      assertThat(client.send(request("POST", "/", "x".repeat(1025))).read().status())
          .isEqualTo(413);
    }
    assertThat(first.received())
        .doesNotContain("Expect")
        .contains("\r\n\r\nhello")
        .endsWith("\r\n\r\nagain");
  }
}
