package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A second endpoint is asked where the first is slow; through sockets. */
class HedgeTest {

  private static final String HEDGE = "hedge { after = 20ms, budget { per-second = 1000 } }\n";

  @TempDir Path home;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

  /** Reads on until the other side closes: never answers. */
  private final Peer silent = Peer.of(request -> request.content().read());

  private final Peer quick = Peer.saying("quick");
  private Running running;

  private void start(String upstream, String route, Peer... peers) {
    List<String> addresses =
        List.of(peers).stream().map(peer -> '"' + peer.address() + '"').toList();
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + """
                upstreams.app {
                  endpoints = %s
                  %s
                }
                routes = [ { middleware = [ ending ], upstream = app, %s } ]
                """
                    .formatted(addresses, upstream, route),
            Running.middleware("ending", (config, context) -> new Ending()));
  }

  private final class Ending implements Middleware {
    @Override
    public void onComplete(Exchange exchange, Outcome outcome) {
      outcomes.add(outcome);
    }
  }

  @AfterEach
  void stop() {
    gate.countDown();
    running.close();
    silent.close();
    quick.close();
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private String metrics() throws IOException {
    int port = ((InetSocketAddress) running.platform.adminAddress()).getPort();
    try (Caller caller = new Caller(port)) {
      caller.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      return caller.receive(false).body();
    }
  }

  private void expectResult(String result) {
    await()
        .untilAsserted(
            () ->
                assertThat(metrics().lines())
                    .filteredOn(line -> line.startsWith("sluice_hedges_total{"))
                    .filteredOn(line -> !line.endsWith(" 0.0") && !line.endsWith(" 0"))
                    .singleElement()
                    .asString()
                    .contains("result=\"" + result + "\""));
  }

  private void pass() throws IOException {
    try {
      if (!gate.await(20, TimeUnit.SECONDS)) {
        throw new IOException("the gate stayed closed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void theFirstHeadWinsAndTheOtherAttemptIsDroppedWithoutBlame() throws Exception {
    start(HEDGE, "", silent, quick);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("quick");
      await().until(() -> silent.connections() == 0 && outcomes.size() == 1);
      assertThat(outcomes.get(0).attempts()).isEqualTo(2);
      assertThat(app().inFlight()).isZero();
      expectResult("won");
      assertThat(metrics())
          .contains("endpoint=\"" + silent.address() + "\",outcome=\"cancelled\"")
          .doesNotContain("outcome=\"response_timeout\"");
    }
  }

  @Test
  void headOnlyNeedsNoContent() throws Exception {
    start(HEDGE, "", silent, quick);
    quick.script = request -> Peer.write(request, "HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n");
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("HEAD", "/", ""));
      assertThat(caller.receive(true).status()).isEqualTo(200);
    }
    expectResult("won");
  }

  @Test
  void aFirstAttemptThatAnswersAfterAllIsUsed() throws Exception {
    Peer slow =
        Peer.of(
            request -> {
              pass();
              Peer.answer(request, 200, "slow");
            });
    start(HEDGE, "", slow, silent);
    try (slow;
        Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/", ""));
      await().until(() -> !silent.lines.isEmpty());
      gate.countDown();
      assertThat(caller.receive(false).body()).isEqualTo("slow");
      await().until(() -> silent.connections() == 0);
      assertThat(caller.get("/").body()).isEqualTo("slow");
    }
  }

  /**
   * A request that is hedged comes after it, on the same loop: once that one's hedge is there, this
   * one's would have been due.
   */
  @ParameterizedTest
  @CsvSource({"POST,", "GET,content", "DELETE,"})
  void nothingElseIsHedged(String method, String content) throws Exception {
    Peer.Script held =
        request -> {
          pass();
          Peer.answer(request, 200, "late");
        };
    Peer one = Peer.of(held);
    Peer two = Peer.of(held);
    start(HEDGE, "", one, two);
    String body = content == null ? "" : content;
    try (one;
        two;
        Caller caller = running.caller();
        Caller witness = running.caller()) {
      caller.send(Caller.request(method, "/", "Content-Length: " + body.length() + "\r\n") + body);
      await().until(() -> one.lines.size() == 1);
      witness.send(Caller.request("GET", "/witness", ""));
      await().until(() -> two.lines.size() == 1 && one.lines.size() == 2);
      gate.countDown();
      assertThat(caller.receive(false).body()).isEqualTo("late");
      assertThat(witness.receive(false).body()).isEqualTo("late");
      await().until(() -> outcomes.size() == 2);
      assertThat(one.lines).containsExactly(method + " / HTTP/1.1", "GET /witness HTTP/1.1");
      assertThat(two.lines).containsExactly("GET /witness HTTP/1.1");
    }
    await().untilAsserted(() -> assertThat(running.sum("sluice_hedges_total{")).isEqualTo(1));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void whatFailsWhileItsHedgeLivesWaitsForIt(boolean byStatus) throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    Peer first =
        Peer.of(
            request -> {
              pass();
              failed.countDown();
              if (byStatus) {
                Peer.answer(request, 503, "busy");
              } else {
                throw new IOException("closes");
              }
            });
    Peer second =
        Peer.of(
            request -> {
              gate.countDown();
              try {
                failed.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              await().pollDelay(50, TimeUnit.MILLISECONDS).until(() -> true);
              Peer.answer(request, 200, "second");
            });
    start(HEDGE, "", first, second);
    try (first;
        second;
        Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("second");
    }
    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0).attempts()).isEqualTo(2);
    assertThat(first.lines).hasSize(1);
    expectResult("won");
  }

  @Test
  void aHedgeThatFailsLeavesTheFirstAttemptAlone() throws Exception {
    Peer slow =
        Peer.of(
            request -> {
              pass();
              Peer.answer(request, 200, "slow");
            });
    Peer closing =
        Peer.of(
            request -> {
              gate.countDown();
              throw new IOException("closes");
            });
    start(HEDGE, "", slow, closing);
    try (slow;
        closing;
        Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/", ""));
      await().until(() -> !closing.lines.isEmpty());
      assertThat(caller.receive(false).body()).isEqualTo("slow");
    }
  }

  @Test
  void theRetryPolicyIsAskedOnceBothFailed() throws Exception {
    Peer one =
        Peer.of(
            request -> {
              pass();
              throw new IOException("closes");
            });
    Peer two =
        Peer.of(
            request -> {
              gate.countDown();
              throw new IOException("closes");
            });
    start(HEDGE, "", one, two, quick);
    try (one;
        two;
        Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("quick");
    }
    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0).attempts()).isEqualTo(3);
    expectResult("failed");
  }

  @Test
  void aRouteMaySayOff() throws Exception {
    start(
        HEDGE + "retry { type = standard, attempts = 2, per-try = 1s }",
        "hedge = off",
        silent,
        quick);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("quick");
    }
    assertThat(metrics()).contains("sluice_retries_total{result=\"retried\",upstream=\"app\"} 1");
  }

  @Test
  void aRouteMayHedgeByItself() throws Exception {
    start("", HEDGE, silent, quick);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("quick");
    }
    expectResult("won");
  }

  @ParameterizedTest
  @CsvSource({
    "'hedge { after = 20ms, budget { ratio = 0%, per-second = 0 } }',no_budget,false",
    "'hedge { after = 20ms }\nlimits.max-requests = 1',no_room,false",
    "'hedge { after = 20ms }\nlimits { max-connections = 1 }',no_room,false",
    "'hedge { after = 20ms }',no_endpoint,true"
  })
  void noneIsSentWithoutBudgetRoomOrAnotherEndpoint(String settings, String result, boolean alone)
      throws Exception {
    Peer slow =
        Peer.of(
            request -> {
              pass();
              Peer.answer(request, 200, "slow");
            });
    start(settings, "", alone ? new Peer[] {slow} : new Peer[] {slow, quick});
    try (slow;
        Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/", ""));
      expectResult(result);
      gate.countDown();
      assertThat(caller.receive(false).body()).isEqualTo("slow");
    }
    assertThat(quick.lines).isEmpty();
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void aClientThatLeavesFreesBoth() throws Exception {
    Peer other = Peer.of(request -> request.content().read());
    start(HEDGE, "", silent, other);
    try (other) {
      try (Caller caller = running.caller()) {
        caller.send(Caller.request("GET", "/", ""));
        await().until(() -> !silent.lines.isEmpty() && !other.lines.isEmpty());
        caller.socket.setSoLinger(true, 0);
      }
      await()
          .until(
              () ->
                  silent.connections() == 0
                      && other.connections() == 0
                      && app().inFlight() == 0
                      && app().pending() == 0);
      expectResult("cancelled");
    }
  }

  @Test
  void whatWaitsTooLongFailsOnBothSides() throws Exception {
    Peer other = Peer.of(request -> request.content().read());
    start("retry = off\n" + HEDGE, "timeouts.first-byte = 300ms", silent, other);
    try (other;
        Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(504);
      await().until(() -> app().inFlight() == 0);
    }
    expectResult("failed");
  }
}
