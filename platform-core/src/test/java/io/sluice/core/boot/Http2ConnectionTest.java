package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2SettingsFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.core.upstream.StreamNumbers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections of HTTP/2 to endpoints: who shares them, and what ends them. */
class Http2ConnectionTest extends Http2UpstreamFixture {

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

  /** Has the endpoint allow so many requests at once from now on. */
  private void allow(int connection, long streams) {
    Http2Settings changed = new Http2Settings().maxConcurrentStreams(streams);
    peer.connections
        .get(connection)
        .channel
        .writeAndFlush(new DefaultHttp2SettingsFrame(changed))
        .syncUninterruptibly();
  }

  private int room(int connections) {
    return StreamNumbers.room(app(), loop(), connections);
  }

  @Test
  void aConnectionThatLostAllItsRoomIsPassedOverUntilItClosesAfterAWhile() throws Exception {
    start(Http2Peer.saying("ok"), "timeouts.idle = 1s");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    allow(0, 0);
    await().until(() -> room(1) == 0);
    Caller caller = caller();
    Http2Peer.Connection first = peer.connections.get(0);
    await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              assertThat(caller.get("/").body()).isEqualTo("ok");
              return !first.channel.isActive();
            });
    assertThat(peer.connections).hasSize(2);
    assertThat(app().connections()).isEqualTo(1);
  }

  @Test
  void whereNoMoreConnectionsAreAllowedRequestsWaitForRoom() throws Exception {
    start(
        Http2Peer.saying("ok"),
        "retry = off\nlimits { max-connections = 1, max-pending = 10, pending-timeout = 20s }");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    allow(0, 0);
    await().until(() -> room(1) == 0);
    List<Caller> asking = asking(3);
    await().until(() -> app().pending() == 3);
    allow(0, 100);
    for (Caller caller : asking) {
      assertThat(caller.receive(false).body()).isEqualTo("ok");
    }
    await().until(() -> app().pending() == 0 && app().inFlight() == 0);
    assertThat(peer.connections).hasSize(1);
    assertThat(caller().get("/").body()).isEqualTo("ok");
    assertThat(peer.connections).hasSize(1);
  }

  @Test
  void anEndpointThatNeverAllowsARequestGetsNoMoreConnectionsThanRequests() throws Exception {
    start(
        Http2Peer.of(call -> call.answer(200, "ok"), new Http2Settings().maxConcurrentStreams(0)),
        "retry = off\nlimits { max-connections = 3, pending-timeout = 500ms }");
    for (int i = 0; i < 5; i++) {
      Caller.Response refused = caller().get("/");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers().get("proxy-status")).contains("connection_limit_reached");
      assertThat(peer.connections).hasSize(Math.min(i + 1, 3));
    }
    assertThat(peer.open()).isEqualTo(3);
    Caller asking = asking(1).get(0);
    await().until(() -> app().pending() == 1);
    allow(1, 1);
    assertThat(asking.receive(false).body()).isEqualTo("ok");
  }

  @Test
  void aConnectionWithoutRoomGivesWayToAnotherEndpoint() throws Exception {
    Http2Peer other = Http2Peer.saying("other");
    peer =
        Http2Peer.of(call -> call.answer(200, "ok"), new Http2Settings().maxConcurrentStreams(0));
    try (other) {
      start(
          "retry = off\n" + "limits { max-connections = 1, pending-timeout = 300ms }",
          peer.address(),
          other.address());
      await().until(() -> caller().get("/").status() == 503);
      await().until(() -> caller().get("/").body().equals("other"));
      assertThat(app().connections()).isEqualTo(1);
    }
  }

  @Test
  void anUnusedConnectionClosesAfterAWhile() throws Exception {
    start(Http2Peer.saying("ok"), "timeouts.idle = 200ms");
    assertThat(caller().get("/").body()).isEqualTo("ok");
    await().until(() -> peer.open() == 0 && app().connections() == 0);
    assertThat(caller().get("/").body()).isEqualTo("ok");
    assertThat(peer.connections).hasSize(2);
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
}
