package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.core.upstream.Upstream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long an exchange may take, who is told, and what a client that leaves sets free. */
class DeadlineTest {

  private static final String FIELD = "X-Request-Timeout-Ms";

  @TempDir Path home;
  private final Peer silent = Peer.of(request -> request.content().read());
  private final Peer busy = Peer.of(request -> Peer.answer(request, 503, "busy"));
  private final Peer well = Peer.saying("well");
  private Running running;

  private void start(String listener, String upstream, String timeouts, Peer peer) {
    running =
        Running.start(
            home,
            Running.COMMON
                + """
                listeners.web { %s }
                upstreams.app { endpoints = ["%s"], %s }
                routes = [ { timeouts { %s }, upstream = app } ]
                """
                    .formatted(listener, peer.address(), upstream, timeouts));
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  @AfterEach
  void stop() {
    running.close();
    silent.close();
    busy.close();
    well.close();
  }

  @ParameterizedTest
  @CsvSource({"request = 200ms,", "'request = 1h, propagate = X-Request-Timeout-Ms',200"})
  void theWholeExchangeHasALimitThatATrustedClientMayShorten(String timeouts, String told)
      throws Exception {
    start("trusted-proxies = [\"127.0.0.0/8\"]", "retry = off", timeouts, silent);
    try (Caller caller = running.caller()) {
      Caller.Response response =
          told == null ? caller.get("/") : caller.get("/", FIELD + ": " + told);
      assertThat(response.status()).isEqualTo(504);
      assertThat(response.headers().get("proxy-status")).contains("http_response_timeout");
    }
    await().until(() -> silent.connections() == 0 && app().inFlight() == 0);
  }

  @Test
  void endpointsAreToldWhatIsLeft() throws Exception {
    start("", "", "request = 60s, propagate = " + FIELD, well);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/", FIELD + ": 5").status()).isEqualTo(200);
    }
    assertThat(Long.parseLong(well.heads.get(0).get("x-request-timeout-ms")))
        .as("not what a client says that nobody trusts")
        .isBetween(20_000L, 60_000L);
  }

  @Test
  void whatNobodyLimitsIsNotTold() throws Exception {
    start("", "", "propagate = grpc-timeout", well);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/", "grpc-timeout: 5m").status()).isEqualTo(200);
    }
    assertThat(well.heads.get(0)).doesNotContainKey("grpc-timeout");
  }

  @Test
  void aClientThatLeavesBetweenTwoAttemptsFreesEverything() throws Exception {
    List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    AtomicBoolean closed = new AtomicBoolean();
    String config =
        Running.COMMON
            + """
            upstreams.app { endpoints = ["%s"], retry { type = standard, wait = 1h } }
            routes = [ { middleware = [ %s ], upstream = app } ]
            """;
    running =
        Running.start(
            home,
            config.formatted(busy.address(), "watching"),
            Running.middleware(
                "watching",
                (section, context) ->
                    new Middleware() {
                      @Override
                      public void onComplete(Exchange exchange, Outcome outcome) {
                        outcomes.add(outcome);
                      }

                      @Override
                      public void close() {
                        closed.set(true);
                      }
                    }));
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/", ""));
      await().until(() -> busy.lines.size() == 1 && app().inFlight() == 0);
      assertThat(running.sum("sluice_downstream_connections{")).isEqualTo(1);
      assertThat(outcomes).isEmpty();
      caller.socket.setSoLinger(true, 0);
    }
    await().until(() -> !outcomes.isEmpty());
    assertThat(outcomes)
        .singleElement()
        .extracting(Outcome::result)
        .isEqualTo(Outcome.Result.CANCELLED);
    await().until(() -> running.sum("sluice_downstream_connections{") == 0);
    assertThat(app().pending()).isZero();
    // Whatever still held on to the exchange would keep its generation for the hour.
    assertThat(running.reload(config.formatted(busy.address(), "")).problems()).isEmpty();
    await().untilTrue(closed);
    assertThat(busy.lines).hasSize(1);
  }

  @Test
  void aSmallResponseThatIsGivenUpDoesNotCostItsConnection() throws Exception {
    start("", "retry { type = standard, attempts = 5 }", "", busy);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(503);
    }
    assertThat(busy.lines).hasSize(5);
    assertThat(busy.accepted.get()).isBetween(1, 2);
  }

  @Test
  void aLargeOneDoes() throws Exception {
    String large = "x".repeat(100_000);
    busy.script = request -> Peer.answer(request, 503, large);
    start("", "retry { type = standard, attempts = 3 }", "", busy);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo(large);
    }
    assertThat(busy.accepted.get()).isEqualTo(3);
  }
}
