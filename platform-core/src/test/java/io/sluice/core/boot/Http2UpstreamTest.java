package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP/2 to endpoints, between a client of HTTP/1.1 and peers that keep the rules or break them.
 */
class Http2UpstreamTest extends Http2UpstreamFixture {

  // ---- messages ----

  @Test
  void headContentAndTrailersPassBothWays() throws Exception {
    start(
        Http2Peer.of(
            call -> {
              call.head(200, false, "x-kind", "test");
              call.data("ans", false);
              call.data("wer", false);
              call.headers(new DefaultHttp2Headers().add("grpc-status", "0"), true);
            }),
        "");
    Caller caller = caller();
    String head =
        Caller.request(
            "POST",
            "/p?q=1",
            "Transfer-Encoding: chunked\r\n",
            "TE: trailers",
            "Connection: TE, X-Hop",
            "X-Hop: gone",
            "X-Stays: Here");
    caller.send(head + "3\r\nabc\r\n3\r\ndef\r\n0\r\nX-Sum: 42\r\n\r\n");
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith("\r\n\r\n") || !answer.toString().contains("0\r\n")) {
      answer.append((char) caller.in.read());
    }
    assertThat(answer.toString())
        .startsWith("HTTP/1.1 200 ")
        .containsIgnoringCase("x-kind: test\r\n")
        .containsIgnoringCase("grpc-status: 0\r\n");
    Http2Peer.Call call = peer.calls.get(0);
    assertThat(call.head.method()).asString().isEqualTo("POST");
    assertThat(call.path()).isEqualTo("/p?q=1");
    assertThat(call.head.scheme()).asString().isEqualTo("http");
    assertThat(call.head.authority()).asString().isEqualTo("test");
    assertThat(call.head.get("x-stays")).asString().isEqualTo("Here");
    assertThat(call.head.get("te")).asString().isEqualTo("trailers");
    assertThat(call.head.names())
        .map(CharSequence::toString)
        .doesNotContain("connection", "x-hop", "transfer-encoding", "host");
    assertThat(call.body()).isEqualTo("abcdef");
    assertThat(call.trailers).isNotNull();
    assertThat(call.trailers.get("x-sum")).asString().isEqualTo("42");
  }

  @Test
  void contentLargerThanEveryWindowPassesBothWays() throws Exception {
    String large = "0123456789".repeat(200_000);
    start(Http2Peer.of(call -> call.answer(200, call.body())), "");
    Caller caller = caller();
    assertThat(caller.post("/", large).body()).isEqualTo(large);
    assertThat(caller.post("/", large).body()).isEqualTo(large);
  }

  @Test
  void anAnswerToHeadHasNoContentAndAnInterimOneIsRelayed() throws Exception {
    start(
        Http2Peer.of(
            call -> {
              call.head(103, false, "link", "</a>");
              call.head(200, true, "content-length", "5");
            }),
        "");
    Caller caller = caller();
    caller.send(Caller.request("HEAD", "/", ""));
    StringBuilder all = new StringBuilder();
    while (!all.toString().matches("(?s).* 200 .*\r\n\r\n")) {
      all.append((char) caller.in.read());
    }
    assertThat(all.toString()).startsWith("HTTP/1.1 103 ").contains("ontent-", ": 5\r\n");
    caller.send(Caller.request("HEAD", "/", ""));
    assertThat(caller.receive(true).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,  1.1, 200, 0",
    "GET,  1.1, 302, 0",
    "POST, 1.1, 404, 0",
    "GET,  1.0, 200, 0",
    "GET,  1.1, 204,",
    "GET,  1.1, 304,",
    "HEAD, 1.1, 200,",
  })
  void aResponseOfItsHeadAloneEndsThere(
      String method, String version, int status, @Nullable String length) throws Exception {
    start(
        Http2Peer.of(
            call -> {
              if (call.path().equals("/next")) {
                call.answer(200, "next");
              } else {
                call.head(status, true, "x-kind", "empty");
              }
            }),
        "");
    Caller caller = caller();
    String head = Caller.request(method, "/", "", "Connection: keep-alive");
    caller.send(head.replace("HTTP/1.1", "HTTP/" + version));
    caller.send(Caller.request("GET", "/next", ""));
    Caller.Response empty = caller.receive(method.equals("HEAD"));
    assertThat(empty.status()).isEqualTo(status);
    assertThat(empty.headers()).containsEntry("x-kind", "empty");
    assertThat(empty.headers().get("content-length")).isEqualTo(length);
    assertThat(empty.body()).isEmpty();
    assertThat(caller.receive(false).body()).isEqualTo("next");
  }

  // ---- flow ----

  private static String octets(byte[] frame) {
    return new String(frame, StandardCharsets.ISO_8859_1);
  }

  /** An HTTP/2 client that asks for so many responses and takes nothing of them. */
  private void stall(int streams) throws Exception {
    ByteBuf noWindow = Unpooled.buffer().writeShort(4).writeInt(0);
    StringBuilder all = new StringBuilder("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    all.append(octets(Http2Peer.frame(4, 0, 0, noWindow)));
    DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    for (int i = 0; i < streams; i++) {
      DefaultHttp2Headers get = new DefaultHttp2Headers();
      get.method("GET").scheme("http").authority("a").path("/large");
      ByteBuf section = Unpooled.buffer();
      encoder.encodeHeaders(1 + 2 * i, get, section);
      all.append(octets(Http2Peer.frame(1, 4 | 1, 1 + 2 * i, section)));
    }
    caller().send(all.toString());
  }

  /** Whether the window that Sluice gives it is used up. */
  private boolean full(Http2Peer.Call call) {
    Http2FrameCodec codec = call.connection.channel.pipeline().get(Http2FrameCodec.class);
    Http2Stream stream = codec.connection().stream(call.stream.id());
    return codec.encoder().flowController().windowSize(stream) == 0;
  }

  private double used() throws IOException {
    return running.sum("sluice_buffer_used_bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 10_000, 1_000_000})
  void whatStalledReadersHoldIsAboutTheirWindows(int pieces) throws Exception {
    int streams = 20;
    int window = 256 * 1024;
    String piece = "x".repeat(pieces);
    start(
        Http2Peer.of(
            call -> {
              call.head(200, false);
              for (int sent = 0; sent < 2 * window; sent += piece.length()) {
                call.data(piece, false);
              }
            }),
        "");
    stall(streams);
    await().until(() -> peer.calls.size() == streams && peer.calls.stream().allMatch(this::full));
    await().until(() -> used() >= 0.98 * streams * window);
    double most = 0;
    for (int i = 0; i < 20; i++) {
      most = Math.max(most, used());
    }
    assertThat(most).isLessThan(1.2 * streams * window);
  }

  @Test
  void aSlowClientHoldsBackItsOwnResponseAndNobodyElses() throws Exception {
    String large = "x".repeat(8 * 1024 * 1024);
    start(
        Http2Peer.of(call -> call.answer(200, call.path().equals("/large") ? large : "small")), "");
    Caller slow = new Caller(running.port(), 4096);
    callers.add(slow);
    slow.send(Caller.request("GET", "/large", ""));
    await().until(() -> peer.calls.size() == 1);
    Caller quick = caller();
    for (int i = 0; i < 20; i++) {
      assertThat(quick.get("/small").body()).isEqualTo("small");
    }
    assertThat(peer.connections).hasSize(1);
    assertThat(running.sum("sluice_buffer_bytes")).isLessThan(64 * 1024 * 1024);
    assertThat(slow.receive(false).body()).hasSize(large.length());
  }

  // ---- the end of streams ----

  @Test
  void aClientThatLeavesResetsItsStreamAndNothingElse() throws Exception {
    start(Http2Peer.of(call -> {}), "");
    List<Caller> asking = asking(2);
    await().until(() -> peer.calls.size() == 2);
    asking.get(0).socket.setSoLinger(true, 0);
    asking.get(0).socket.close();
    await().until(() -> peer.calls.stream().anyMatch(call -> call.resetBy >= 0));
    Http2Peer.Call left =
        peer.calls.stream().filter(call -> call.path().equals("/0")).findAny().orElseThrow();
    assertThat(left.resetBy).isEqualTo(Http2Error.CANCEL.code());
    peer.calls.forEach(call -> call.answer(200, "still here"));
    assertThat(asking.get(1).receive(false).body()).isEqualTo("still here");
    assertThat(app().connections()).isEqualTo(1);
    await().until(() -> app().inFlight() == 0);
  }

  @Test
  void aStreamThatIsResetBeforeItsHeadFailsAloneAndIsRetriedByPolicyOnly() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    start(
        Http2Peer.of(
            call -> {
              if (seen.add(call.path())) {
                call.reset(Http2Error.INTERNAL_ERROR);
              } else {
                call.answer(200, "second");
              }
            }),
        "retry { type = standard, attempts = 2 }");
    assertThat(caller().get("/a").body()).isEqualTo("second");
    assertThat(caller().post("/b", "once").status()).isEqualTo(502);
    assertThat(peer.connections).hasSize(1);
  }

  @Test
  void aStreamThatIsResetAfterItsHeadNeverEndsCleanly() throws Exception {
    start(
        Http2Peer.of(
            call -> {
              call.head(200, false);
              call.data("half", false);
            }),
        "");
    Caller caller = caller();
    caller.send(Caller.request("GET", "/", ""));
    StringBuilder all = new StringBuilder();
    while (!all.toString().contains("half")) {
      all.append((char) caller.in.read());
    }
    peer.calls.get(0).reset(Http2Error.INTERNAL_ERROR);
    try {
      for (int octet = caller.in.read(); octet >= 0; octet = caller.in.read()) {
        all.append((char) octet);
      }
    } catch (IOException e) {
      all.append("<reset>");
    }
    assertThat(all.toString()).startsWith("HTTP/1.1 200 ").doesNotContain("0\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void aRefusedStreamIsSentAgainWhateverItsMethod(String method) throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    start(
        Http2Peer.of(
            call -> {
              bodies.add(call.body());
              if (bodies.size() == 1) {
                call.reset(Http2Error.REFUSED_STREAM);
              } else {
                call.answer(200, "ok");
              }
            }),
        "retry = off");
    Caller caller = caller();
    caller.send(Caller.request(method, "/", "Content-Length: 4\r\n") + "body");
    assertThat(caller.receive(false).status()).isEqualTo(200);
    assertThat(bodies).containsExactly("body", "body");
    assertThat(app().endpoints().get(0).activeRequests()).isZero();
  }

  @Test
  void anEndpointThatRefusesEverythingFailsTheRequestInTheEnd() throws Exception {
    start(Http2Peer.of(call -> call.reset(Http2Error.REFUSED_STREAM)), "retry = off");
    assertThat(caller().get("/").status()).isEqualTo(502);
    assertThat(peer.calls).hasSize(2);
    assertThat(attempts("connection_terminated")).isEqualTo(2);
    assertThat(attempts("cancelled")).isZero();
  }

  @Test
  void whatAGoAwayDoesNotCoverIsSentAgainAndTheRestEndsWhereItIs() throws Exception {
    start(Http2Peer.of(call -> {}), "retry = off");
    Caller first = asking(1).get(0);
    await().until(() -> peer.calls.size() == 1);
    Caller second = caller();
    second.send(Caller.request("POST", "/second", "Content-Length: 4\r\n") + "body");
    await().until(() -> peer.calls.size() == 2);
    Http2Peer.Connection old = peer.connections.get(0);
    peer.script = call -> call.answer(200, "from " + peer.connections.size());
    old.goAway(peer.calls.get(0).stream.id(), Http2Error.NO_ERROR);
    assertThat(second.receive(false).body()).isEqualTo("from 2");
    assertThat(peer.calls.get(2).body()).isEqualTo("body");
    assertThat(old.channel.isActive()).isTrue();
    peer.calls.get(0).answer(200, "from the old one");
    assertThat(first.receive(false).body()).isEqualTo("from the old one");
    await().until(() -> !old.channel.isActive());
    assertThat(peer.open()).isEqualTo(1);
  }

  @Test
  void anUnusedConnectionEndsAtItsGoAway() throws Exception {
    start(Http2Peer.saying("ok"), "retry = off");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    peer.connections.get(0).goAway(1, Http2Error.NO_ERROR);
    await().until(() -> peer.open() == 0);
    assertThat(caller().get("/").body()).isEqualTo("ok");
  }

  @Test
  void anAnswerThatComesBeforeTheRequestIsWholeIsRelayed() throws Exception {
    start(
        Http2Peer.eager(call -> call.answer(413, "too much"), new Http2Settings()), "retry = off");
    Caller caller = caller();
    caller.send(Caller.request("POST", "/", "Content-Length: 1000000\r\n") + "only the beginning");
    assertThat(caller.receive(false).body()).isEqualTo("too much");
    await().until(() -> app().inFlight() == 0);
    assertThat(app().connections()).isEqualTo(1);
  }

  // ---- endpoints that break the rules ----

  @Test
  void anEndpointThatSpeaksNoHttp2IsToldApart() throws Exception {
    try (Peer old = Peer.saying("HTTP/1.1")) {
      start("retry = off", old.address());
      assertThat(caller().get("/").status()).isEqualTo(502);
      assertThat(caller().get("/").status()).isEqualTo(502);
      await().until(() -> app().connections() == 0);
    }
  }

  @Test
  void aHeadThatIsTooLargeFailsItsOwnRequest() throws Exception {
    String large = "x".repeat(2000);
    start(
        Http2Peer.of(
            call -> {
              DefaultHttp2Headers head = new DefaultHttp2Headers();
              head.status(call.path().equals("/large") ? "200" : "204");
              for (int i = 0; call.path().equals("/large") && i < 40; i++) {
                head.add("x-" + i, large);
              }
              call.headers(head, true);
            }),
        "retry = off");
    Caller caller = caller();
    Caller.Response refused = caller.get("/large");
    assertThat(refused.status()).isEqualTo(502);
    assertThat(refused.headers().get("proxy-status")).contains("http_response_header_section_size");
    assertThat(caller.get("/small").status()).isEqualTo(204);
    assertThat(peer.connections).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "connection,close",
    "transfer-encoding,chunked",
    "x-cr,a\rb",
    "X-Upper,a",
    "content-length,nine",
  })
  void aMalformedHeadFailsItsOwnRequest(String name, String value) throws Exception {
    start(
        Http2Peer.of(
            call -> {
              if (call.path().equals("/bad")) {
                call.head(200, true, name, value);
              } else {
                call.answer(200, "ok");
              }
            }),
        "retry = off");
    Caller caller = caller();
    assertThat(caller.get("/bad").status()).isEqualTo(502);
    assertThat(caller.get("/good").body()).isEqualTo("ok");
    assertThat(peer.connections).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"9", "3"})
  void contentOfAnotherLengthNeverEndsCleanly(String length) throws Exception {
    start(
        Http2Peer.of(
            call -> {
              call.head(200, false, "content-length", length);
              call.data("12345", true);
            }),
        "retry = off");
    Caller caller = caller();
    caller.send(Caller.request("GET", "/", ""));
    String all;
    try {
      all = new String(caller.in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      all = "";
    }
    assertThat(all).doesNotEndWith("12345".substring(0, Math.min(5, Integer.parseInt(length))));
    await().until(() -> app().inFlight() == 0);
  }
}
