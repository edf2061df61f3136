package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.core.observe.MetricNames;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.StreamNumbers;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP/2 to endpoints, between a client of HTTP/1.1 and peers that keep the rules or break them.
 */
class Http2UpstreamTest {

  @TempDir Path home;
  private Http2Peer peer;
  private Running running;
  private final List<Caller> callers = new ArrayList<>();

  private void start(Http2Peer endpoint, String settings) {
    peer = endpoint;
    start(settings, endpoint.address());
  }

  private void start(String settings, String... addresses) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app {\nprotocol = http2\nendpoints = [\""
                + String.join("\",\"", addresses)
                + "\"]\n"
                + settings
                + "\n}\nroutes = [ { upstream = app } ]\n");
  }

  @AfterEach
  void stop() throws IOException {
    for (Caller caller : callers) {
      caller.close();
    }
    running.close();
    if (peer != null) {
      peer.close();
    }
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private LoopContext loop() {
    return running.platform.loops().contexts().get(0);
  }

  private double attempts(String outcome) throws IOException {
    return running.sum(
        MetricNames.ATTEMPTS
            + "{endpoint=\"%s\",outcome=\"%s\"".formatted(peer.address(), outcome));
  }

  private Caller caller() throws IOException {
    Caller caller = running.caller();
    callers.add(caller);
    return caller;
  }

  private List<Caller> asking(int count) throws IOException {
    List<Caller> asking = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Caller caller = caller();
      caller.send(Caller.request("GET", "/" + i, ""));
      asking.add(caller);
    }
    return asking;
  }

  // ---- sharing ----

  @Test
  void requestsShareOneConnectionFromTheFirstMomentOn() throws Exception {
    start(Http2Peer.of(call -> {}), "");
    List<Caller> asking = asking(20);
    await().until(() -> peer.calls.size() == 20);
    assertThat(peer.connections).hasSize(1);
    assertThat(app().connections()).isEqualTo(1);
    assertThat(app().endpoints().get(0).openStreams()).isEqualTo(20);
    assertThat(running.sum("sluice_upstream_streams")).isEqualTo(20);
    peer.calls.forEach(call -> call.answer(200, "to " + call.path()));
    for (int i = 0; i < asking.size(); i++) {
      assertThat(asking.get(i).receive(false).body()).isEqualTo("to /" + i);
    }
    assertThat(app().inFlight()).isZero();
    assertThat(running.sum("sluice_upstream_streams")).isZero();
  }

  @Test
  void moreConnectionsAreMadeWhereTheEndpointAllowsNoMoreStreams() throws Exception {
    start(Http2Peer.of(call -> {}, new Http2Settings().maxConcurrentStreams(2)), "");
    List<Caller> asking = asking(5);
    await().until(() -> peer.calls.size() == 5);
    assertThat(peer.connections).hasSize(3);
    peer.calls.forEach(call -> call.answer(200, "ok"));
    for (Caller caller : asking) {
      assertThat(caller.receive(false).body()).isEqualTo("ok");
    }
    peer.script = call -> call.answer(200, "again");
    assertThat(caller().get("/again").body()).isEqualTo("again");
    assertThat(peer.connections).hasSize(3);
  }

  @Test
  void ourOwnBoundOfStreamsCountsToo() throws Exception {
    start(Http2Peer.of(call -> {}), "limits.max-streams = 1");
    asking(3);
    await().until(() -> peer.calls.size() == 3);
    assertThat(peer.connections).hasSize(3);
  }

  @Test
  void whoeverWaitsAtTheBoundOfConnectionsGetsTheNextFreeStream() throws Exception {
    start(
        Http2Peer.of(call -> {}, new Http2Settings().maxConcurrentStreams(2)),
        "limits { max-connections = 1, max-pending = 10, pending-timeout = 20s }");
    List<Caller> asking = asking(4);
    await().until(() -> peer.calls.size() == 2 && app().pending() == 2);
    peer.calls.get(0).answer(200, "one");
    await().until(() -> peer.calls.size() == 3 && app().pending() == 1);
    peer.calls.get(1).answer(200, "two");
    await().until(() -> peer.calls.size() == 4);
    peer.calls.get(2).answer(200, "three");
    peer.calls.get(3).answer(200, "four");
    for (Caller caller : asking) {
      assertThat(caller.receive(false).status()).isEqualTo(200);
    }
    assertThat(peer.connections).hasSize(1);
  }

  @Test
  void anUnusedConnectionClosesAfterAWhile() throws Exception {
    start(Http2Peer.saying("ok"), "timeouts.idle = 200ms");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    await().until(() -> peer.open() == 0 && app().connections() == 0);
    assertThat(caller().get("/").body()).isEqualTo("ok");
    assertThat(peer.connections).hasSize(2);
  }

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

  // ---- flow ----

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

  // ---- connections that die ----

  @Test
  void aConnectionThatAnswersNothingAnyMoreIsNotUsedAgain() throws Exception {
    start(
        Http2Peer.saying("ok"),
        "timeouts.ping-timeout = 300ms\nretry { type = standard, attempts = 1, per-try = 1s }");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    Http2Peer.Connection dead = peer.connections.get(0);
    dead.mute();
    assertThat(caller().get("/").status()).isEqualTo(504);
    assertThat(caller().get("/").body()).isEqualTo("ok");
    assertThat(peer.connections).hasSize(2);
    await().until(() -> app().connections() == 1);
  }

  @Test
  void aConnectionThatOnlyTookItsTimeIsUsedAgain() throws Exception {
    start(
        Http2Peer.of(
            call -> {
              if (!call.path().equals("/hangs")) {
                call.answer(200, "ok");
              }
            }),
        "retry { type = standard, attempts = 1, per-try = 1s }");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    assertThat(caller().get("/hangs").status()).isEqualTo(504);
    await().until(() -> caller().get("/").status() == 200);
    assertThat(peer.connections.size()).isLessThanOrEqualTo(2);
    assertThat(caller().get("/").body()).isEqualTo("ok");
    assertThat(peer.connections.size()).isLessThanOrEqualTo(2);
  }

  @Test
  void silenceWithARequestOpenIsAskedAbout() throws Exception {
    start(
        Http2Peer.of(call -> {}),
        "retry = off\ntimeouts { ping-interval = 200ms, ping-timeout = 300ms }");
    Caller caller = asking(1).get(0);
    await().until(() -> peer.calls.size() == 1);
    peer.connections.get(0).mute();
    assertThat(caller.receive(false).status()).isEqualTo(502);
    await().until(() -> app().connections() == 0);
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

  // ---- TLS ----

  @ParameterizedTest
  @ValueSource(strings = {"http2", "auto"})
  void tlsAgreesOnHttp2(String protocol) throws Exception {
    start(
        Http2Peer.secure(
            call -> call.answer(200, "" + call.head.scheme()), Http2Peer.tls("h2", "http/1.1")),
        "protocol = " + protocol + ", tls { verify = off }");
    List<Caller> asking = asking(5);
    for (Caller caller : asking) {
      assertThat(caller.receive(false).body()).isEqualTo("https");
    }
    assertThat(peer.connections).hasSize(1);
  }

  @Test
  void withoutAgreementHttp2Fails() throws Exception {
    start(
        Http2Peer.secure(call -> call.answer(200, ""), Http2Peer.tls()),
        "retry = off, tls.verify = off");
    Caller.Response refused = caller().get("/");
    assertThat(refused.status()).isEqualTo(502);
    assertThat(refused.headers().get("proxy-status")).contains("tls_protocol_error");
    await().until(() -> app().connections() == 0);
  }

  @Test
  void autoSpeaksWhatEachConnectionAgreesOn() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("http/1.1"));
    peer.http1Together = 3; // none waits for another's connection
    start("protocol = auto, tls.verify = off, retry = off, timeouts.idle = 2s", peer.address());
    List<Caller> asking = asking(3);
    for (Caller each : asking) {
      assertThat(each.receive(false).body()).isEqualTo("HTTP/1.1");
    }
    assertThat(peer.http1Connections).hasValue(3);
    peer.http1Together = 1;
    peer.tls = Http2Peer.tls("h2", "http/1.1");
    await().until(() -> app().connections() == 0);
    for (Caller each : asking(1)) {
      assertThat(each.receive(false).body()).isEqualTo("HTTP/2");
    }
    for (Caller each : asking(5)) {
      assertThat(each.receive(false).body()).isEqualTo("HTTP/2");
    }
    assertThat(peer.connections).hasSize(1);
    peer.tls = Http2Peer.tls();
    await().until(() -> app().connections() == 0);
    assertThat(caller().get("/").body()).isEqualTo("HTTP/1.1");
    assertThat(app().inFlight()).isZero();
  }

  // ---- stream identifiers ----

  @Test
  void aConnectionThatRunsOutOfIdentifiersIsFollowedByAnotherWithoutAFailedRequest()
      throws Exception {
    start(Http2Peer.of(call -> {}), "retry = off");
    Caller first = asking(1).get(0);
    await().until(() -> peer.calls.size() == 1);
    StreamNumbers.passOver(app(), loop(), Integer.MAX_VALUE - 1024);
    List<Caller> later = asking(3);
    await().until(() -> peer.calls.size() == 4);
    assertThat(peer.connections).hasSize(2);
    assertThat(peer.calls.get(3).stream.id()).isLessThan(100);
    peer.calls.forEach(call -> call.answer(200, "ok"));
    assertThat(first.receive(false).body()).isEqualTo("ok");
    for (Caller each : later) {
      assertThat(each.receive(false).body()).isEqualTo("ok");
    }
    await().until(() -> peer.open() == 1); // the one that ran out has ended behind its last stream
    assertThat(app().connections()).isEqualTo(1);
  }

  @Test
  void theLastIdentifiersAreUsed() throws Exception {
    start(Http2Peer.saying("ok"), "retry = off");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    StreamNumbers.passOver(app(), loop(), Integer.MAX_VALUE - 1028);
    for (int i = 0; i < 4; i++) {
      assertThat(caller().get("/").body()).isEqualTo("ok");
    }
    assertThat(peer.calls.get(1).stream.id()).isGreaterThan(Integer.MAX_VALUE - 1028);
    assertThat(peer.connections).hasSize(2);
  }

  // ---- reloads ----

  @Test
  void aReloadThatDoesNotChangeTheUpstreamCarriesItsConnectionOver() throws Exception {
    start(Http2Peer.of(call -> {}), "retry = off");
    Caller open = asking(1).get(0);
    await().until(() -> peer.calls.size() == 1);
    String config = Files.readString(home.resolve("sluice.conf"));
    String route =
        "routes = [ { match.path = \"/ping\", respond.body = pong }, { upstream = app } ]";
    assertThat(running.reload(config.replaceAll("(?m)^routes = .*$", route)).problems()).isEmpty();
    assertThat(caller().get("/ping").body()).isEqualTo("pong");
    peer.script = call -> call.answer(200, "after");
    assertThat(caller().get("/").body()).isEqualTo("after");
    peer.calls.get(0).answer(200, "before");
    assertThat(open.receive(false).body()).isEqualTo("before");
    assertThat(peer.connections).hasSize(1);
    assertThat(peer.open()).isEqualTo(1);
  }

  @Test
  void aReloadThatChangesTheUpstreamEndsItsConnectionBehindTheLastStream() throws Exception {
    start(Http2Peer.of(call -> {}), "retry = off");
    Caller open = asking(1).get(0);
    await().until(() -> peer.calls.size() == 1);
    String config = Files.readString(home.resolve("sluice.conf"));
    peer.script = call -> call.answer(200, "after");
    running.reload(config.replace("retry = off", "retry = off, limits.max-streams = 7"));
    assertThat(caller().get("/").body()).isEqualTo("after");
    assertThat(peer.open()).isEqualTo(2);
    peer.calls.get(0).answer(200, "before");
    assertThat(open.receive(false).body()).isEqualTo("before");
    await().until(() -> peer.open() == 1);
  }

  // ---- probes ----

  @Test
  void probesSpeakHttp2AndSeeTrailers() throws Exception {
    peer =
        Http2Peer.of(
            call -> {
              call.head(200, false, "content-type", "text/plain");
              call.data("fine", false);
              call.headers(new DefaultHttp2Headers().add("x-verdict", "well"), true);
            });
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app { protocol = http2, endpoints = [\""
                + peer.address()
                + "\"], health-check { type = asking, interval = 100ms } }\n"
                + "routes = [ { upstream = app } ]\n",
            new Asking());
    await().until(() -> app().endpoints().get(0).checked());
    assertThat(app().endpoints().get(0).detail()).isEqualTo("200 fine [well]");
    assertThat(peer.calls.get(0).path()).isEqualTo("/probe");
    await().until(() -> peer.calls.size() > 2 && peer.open() <= 1); // none outlives its probe
  }

  private static final class Asking implements HealthCheckFactory {
    @Override
    public String type() {
      return "asking";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public HealthCheck create(ConfigSection config, PluginContext context) {
      return target -> target.http(ClientRequest.get("/probe")).thenApply(Asking::judge);
    }

    private static HealthCheck.Verdict judge(ClientResponse response) {
      String content = new String(response.body(), StandardCharsets.US_ASCII);
      return new HealthCheck.Verdict(
          true, response.status() + " " + content + " " + response.trailers().get("x-verdict"));
    }
  }

  // ---- tunnels ----

  @Test
  void aWebSocketPassesAsExtendedConnect() throws Exception {
    start(
        Http2Peer.eager(
            call -> call.head(200, false), new Http2Settings().connectProtocolEnabled(true)),
        "");
    Caller caller = webSocket();
    assertThat(head(caller))
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    Http2Peer.Call call = peer.calls.get(0);
    assertThat(call.head.method()).asString().isEqualTo("CONNECT");
    assertThat(call.head.get(":protocol")).asString().isEqualTo("websocket");
    caller.send("to the endpoint");
    await().until(() -> call.body().equals("to the endpoint"));
    call.data("and back", false);
    assertThat(new String(caller.in.readNBytes(8), StandardCharsets.US_ASCII))
        .isEqualTo("and back");
    caller.socket.shutdownOutput();
    await().until(() -> call.ended);
    call.data("", true);
    assertThat(caller.in.read()).isEqualTo(-1);
    await().until(() -> app().inFlight() == 0);
    assertThat(app().connections()).isEqualTo(1);
  }

  @Test
  void anEndpointThatAllowsNoExtendedConnectGetsNone() throws Exception {
    start(Http2Peer.saying("never"), "retry = off");
    assertThat(webSocket().receive(false).status()).isEqualTo(502);
    assertThat(peer.calls).isEmpty();
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void autoGoesBackToHttp1ForAWebSocketThatHttp2DoesNotAllow() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("h2", "http/1.1"));
    start("protocol = auto, tls.verify = off, retry = off", peer.address());
    for (int i = 1; i <= 2; i++) {
      Caller tunnel = webSocket(); // the first finds out, the second knows
      assertThat(head(tunnel)).startsWith("HTTP/1.1 101 ");
      tunnel.send("echo me");
      assertThat(new String(tunnel.in.readNBytes(7), StandardCharsets.US_ASCII))
          .isEqualTo("echo me");
      assertThat(peer.http1Connections).hasValue(i);
      assertThat(caller().get("/").body()).isEqualTo("HTTP/2");
    }
    assertThat(peer.connections).hasSize(1);
    assertThat(app().connections()).isEqualTo(3);
  }

  @Test
  void autoUsesHttp2ForAWebSocketThatItAllows() throws Exception {
    peer =
        Http2Peer.secure(
            call -> call.head(200, false),
            new Http2Settings().connectProtocolEnabled(true),
            Http2Peer.tls("h2", "http/1.1"));
    start("protocol = auto, tls.verify = off, retry = off", peer.address());
    assertThat(head(webSocket())).startsWith("HTTP/1.1 101 ");
    assertThat(head(webSocket())).startsWith("HTTP/1.1 101 ");
    assertThat(peer.connections).hasSize(1);
    assertThat(peer.http1Connections).hasValue(0);
  }

  @Test
  void autoMakesRoomForTheOtherKindOfConnectionAtTheBound() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("h2", "http/1.1"));
    start(
        "protocol = auto, tls.verify = off, retry = off, limits.max-connections = 1",
        peer.address());
    assertThat(head(webSocket())).startsWith("HTTP/1.1 101 ");
    assertThat(app().connections()).isEqualTo(1);
    assertThat(peer.connections).hasSize(1);
    await().until(() -> peer.open() == 0); // given up for the one that can
  }

  @Test
  void whoLeavesWhileTheOtherKindOfConnectionIsMadeLeavesNothing() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("h2", "http/1.1"));
    start("protocol = auto, tls.verify = off, retry = off", peer.address());
    assertThat(caller().get("/").body()).isEqualTo("HTTP/2");
    for (int i = 0; i < 20; i++) {
      Caller leaving = webSocket();
      leaving.socket.setSoLinger(true, 0);
      leaving.close();
    }
    await().until(() -> app().inFlight() == 0 && app().connections() == 1);
    assertThat(caller().get("/").body()).isEqualTo("HTTP/2");
  }

  private static String head(Caller caller) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int octet = caller.in.read();
      if (octet < 0) {
        throw new IOException("closed behind " + head);
      }
      head.append((char) octet);
    }
    return head.toString();
  }

  private Caller webSocket() throws IOException {
    Caller caller = caller();
    caller.send(
        Caller.request(
            "GET",
            "/ws",
            "",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    return caller;
  }
}
