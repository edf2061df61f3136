package io.sluice.distribution.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.distribution.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What each policy makes of an outage under load, alone: what it buys, its bound, its end. Tests
 * run at the same time, each with everything of its own: they mostly wait.
 */
class OutagePoliciesIT {

  private static final String PATIENT = "timeouts { first-byte = 60s, idle = 60s }";
  private static final String TURNS = "balancer.type = round-robin\n";
  private static final String CHECK =
      """
      health-check { type = http, path = "/health", interval = 200ms, timeout = 2s, healthy = 2, unhealthy = 2 }
      """;
  private static final String RETRY = "retry { type = standard }\n";

  @TempDir Path folder;

  private Stage stage;
  private Trio trio;

  @BeforeEach
  void set() {
    Turnstile.enter();
    stage = Stage.set(folder);
    trio = stage.trio();
  }

  @AfterEach
  void clear() {
    try {
      if (stage != null) {
        stage.close();
      }
    } finally {
      Turnstile.leave();
    }
  }

  private long sum(String metric, String label, String value) {
    return stage.metrics().sum(metric, Map.of(label, value));
  }

  private long attempts() {
    return sum("sluice_attempts_total", "upstream", "trio");
  }

  /** The share of endpoint a in the next {@code answers}. */
  private static double shareOfA(Crowd crowd, long answers) {
    long all = crowd.answered();
    long own = crowd.sources().getOrDefault("a", 0L);
    crowd.awaitMore(answers);
    return (double) (crowd.sources().getOrDefault("a", 0L) - own) / (crowd.answered() - all);
  }

  // ---- hedging ----

  /**
   * A tenth of the requests goes first to an endpoint that takes 20 s: within the budget, so each
   * of them is asked for elsewhere as well, and nobody waits for it. The hedge comes after two
   * seconds, lest a busy machine has the others hedged too; and there are fewer clients than an
   * event loop saves tokens, since when they stop, no request brings any more of them.
   */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void hedgingHidesASlowEndpointWithinItsBudget() throws IOException {
    double ratio = 0.5;
    stage.run(
        PATIENT,
        TURNS + "hedge { after = 2s, budget { ratio = 50%, per-second = 1 } }\n",
        List.of("weight = 2", "weight = 9", "weight = 9"));
    trio.strike(0, "latency 20000 downstream");
    try (Crowd crowd = stage.crowd("/ping", 4, 200)) {
      crowd.awaitMore(300);
      crowd.awaitRound();
      crowd.stop();
      assertThat(crowd.answers()).containsOnlyKeys("200");
      assertThat(crowd.slowest()).isLessThan(Duration.ofSeconds(20));
      assertThat(crowd.sources().keySet()).isSubsetOf("b", "c");
      long requests = crowd.answered();
      assertThat(sum("sluice_hedges_total", "result", "won")).isGreaterThanOrEqualTo(requests / 12);
      assertThat((double) attempts()).isLessThanOrEqualTo(bound(crowd, requests, ratio, 1));
    }
  }

  /** Every endpoint is slow, so every request would be hedged: the budget says how many are. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void hedgingOfEverythingIsBoundedByItsBudget() throws IOException {
    stage.run(PATIENT, TURNS + "hedge { after = 50ms, budget { ratio = 10%, per-second = 1 } }\n");
    for (int i = 0; i < trio.size(); i++) {
      trio.strike(i, "latency 400 downstream");
    }
    try (Crowd crowd = stage.crowd("/ping", 64, 10_000)) {
      crowd.awaitMore(1000);
      crowd.awaitRound();
      crowd.stop();
      assertThat(crowd.answers()).containsOnlyKeys("200");
      assertThat(sum("sluice_hedges_total", "result", "no_budget")).isGreaterThan(500);
      long requests = crowd.answered();
      double attempts = attempts();
      assertThat(attempts).isLessThanOrEqualTo(bound(crowd, requests, 0.1, 1));
      assertThat(attempts).isGreaterThan(1.05 * requests);
    }
  }

  /**
   * Requests, the budget's share of them, so many a second, and ten saved up on each event loop.
   */
  private static double bound(Crowd crowd, long requests, double ratio, double perSecond) {
    double seconds = crowd.age().toNanos() / 1e9;
    int loops = Math.max(2, Runtime.getRuntime().availableProcessors());
    return requests * (1 + ratio) + (seconds + 1) * perSecond + 10 * loops;
  }

  // ---- the circuit breaker ----

  /** Closed, open, half open and open again, half open and closed. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aBreakerSparesAnUpstreamThatFailsAndFindsOutThatItIsWell() throws IOException {
    stage.run(
        PATIENT,
        "retry = off\n"
            + "circuit-breaker { type = standard, window = 5s, min-calls = 20, open = 2s, trials ="
            + " 4 }");
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      crowd.awaitMore(300);
      assertThat(crowd.answers()).containsOnlyKeys("200");
      for (int i = 0; i < trio.size(); i++) {
        trio.server(i).fail();
      }
      awaitTransitions("open", 1);
      assertRefusal();
      awaitTransitions("half_open", 1);
      awaitTransitions("open", 2);
      // Of what came meanwhile nearly everything was refused here, and the rest were trials.
      long attempts = attempts();
      crowd.awaitMore(200);
      assertThat(attempts() - attempts).isLessThan(50);
      for (int i = 0; i < trio.size(); i++) {
        trio.server(i).recover();
      }
      long recovered = System.nanoTime();
      awaitTransitions("closed", 1);
      assertThat(Duration.ofNanos(System.nanoTime() - recovered))
          .isLessThan(Duration.ofSeconds(2).plus(Stage.ALLOWANCE));
      crowd.awaitRound();
      long failures = crowd.failures();
      crowd.awaitMore(300);
      assertThat(crowd.failures()).isEqualTo(failures);
      assertThat(crowd.answers()).containsOnlyKeys("200", "500", "503");
    }
  }

  private void awaitTransitions(String to, long atLeast) {
    await("the breaker is " + to)
        .atMost(Stage.ALLOWANCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> sum("sluice_circuit_breaker_transitions_total", "to", to) >= atLeast);
  }

  /** While it is open or tries, some request is refused, at once and with the time to wait. */
  private void assertRefusal() {
    await("a refusal")
        .atMost(Stage.ALLOWANCE)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(
            () -> {
              try (Caller caller = new Caller(stage.port())) {
                caller.send("GET", "/trio/ping", "refused", new byte[0]);
                Wire.Message answer = caller.head();
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.header("Retry-After")).isIn("1", "2");
                assertThat(answer.header("Proxy-Status")).contains("error=destination_unavailable");
              }
            });
  }

  // ---- slow start ----

  /**
   * An endpoint that is back gets a tenth of its share, then more and more, then all of it. All of
   * them began like that, so the others have to be through with it first.
   */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void anEndpointThatIsBackGetsItsShareLittleByLittle() throws IOException {
    Duration window = Duration.ofSeconds(12);
    stage.run(PATIENT, TURNS + CHECK + RETRY + "slow-start { window = 12s, floor = 10% }");
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      trio.strike(0, "down");
      stage.awaitUp(0, false);
      crowd.awaitRound();
      await("the others' whole weight")
          .atMost(window.plus(Stage.ALLOWANCE))
          .until(() -> crowd.age().compareTo(window) > 0);
      assertThat(shareOfA(crowd, 100)).isZero();
      trio.heal(0);
      stage.awaitUp(0, true);
      assertThat(shareOfA(crowd, 100)).isLessThan(0.2); // of its weight, t/12 s: half
      await("its whole share")
          .atMost(window.plus(Stage.ALLOWANCE))
          .until(() -> shareOfA(crowd, 200) > 0.32);
      assertThat(shareOfA(crowd, 300)).isBetween(0.32, 0.35);
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }

  // ---- peak-ewma ----

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void peakEwmaLeavesAnEndpointThatIsTenTimesSlower() throws IOException {
    stage.run(PATIENT, "balancer.type = peak-ewma\n" + RETRY);
    for (int i = 0; i < trio.size(); i++) {
      trio.strike(i, "latency 60 downstream");
    }
    try (Crowd crowd = stage.crowd("/ping", 16, 100)) {
      assertThat(shareOfA(crowd, 200)).isGreaterThan(0.15);
      trio.strike(0, "latency 540 upstream");
      crowd.awaitRound(); // whoever was sent there before knows now
      // A busy machine adds to everybody's latency, so that it is not ten times any more.
      assertThat(shareOfA(crowd, 500)).isLessThan(0.1);
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }

  /** It answers in a millisecond, the others in fifty: to least-request it looks idle. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void peakEwmaSendsNothingToAnEndpointThatFailsAtOnce() throws IOException {
    stage.run(PATIENT, "balancer.type = peak-ewma\nretry = off\n");
    trio.strike(1, "latency 50 downstream");
    trio.strike(2, "latency 50 downstream");
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      crowd.awaitMore(200);
      assertThat(crowd.answers()).containsOnlyKeys("200");
      trio.server(0).fail();
      crowd.awaitMore(1000);
      assertThat(crowd.answers()).containsOnlyKeys("200", "500");
      assertThat(crowd.failures()).isLessThan(40); // round robin would have had 333
    }
  }

  // ---- panic ----

  /** Two of three checks fail while requests would not: all serve, and no request fails. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void belowThePanicThresholdTheUnhealthyServeAsWell() throws IOException {
    stage.run(PATIENT, TURNS + CHECK + "panic-threshold = 50%");
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      trio.server(0).feelUnwell();
      stage.awaitUp(0, false);
      crowd.awaitRound();
      assertThat(shareOfA(crowd, 100)).isZero();
      assertThat(panics()).isFalse();
      trio.server(1).feelUnwell();
      stage.awaitUp(1, false);
      await("panic").atMost(Stage.ALLOWANCE).until(this::panics);
      crowd.awaitRound();
      assertThat(shareOfA(crowd, 300)).isBetween(0.3, 0.37);
      trio.server(1).recover();
      stage.awaitUp(1, true);
      await("no panic").atMost(Stage.ALLOWANCE).until(() -> !panics());
      crowd.awaitRound();
      assertThat(shareOfA(crowd, 100)).isZero();
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }

  private boolean panics() {
    return sum("sluice_upstream_panic", "upstream", "trio") == 1;
  }

  // ---- adaptive concurrency ----

  /**
   * One endpoint stalls and holds whatever was sent to it. No more than the limit is ever under
   * way: the rest is turned away at once, and served again when the endpoint is back. As many ask
   * as leave the limit far away even where a busy machine makes answers take a tenth of a second;
   * one in a hundred may meet it all the same.
   */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aStalledEndpointHoldsNoMoreThanTheLimit() throws IOException {
    stage.run(
        "timeouts { first-byte = 3s }",
        TURNS + "retry = off\nconcurrency-limiter { type = gradient2, max-limit = 24 }");
    try (Crowd crowd = stage.crowd("/ping", 64, 100)) {
      crowd.awaitMore(200);
      assertThat(crowd.answers().keySet()).isSubsetOf("200", "503");
      trio.strike(0, "timeout 0 downstream");
      await("the limit is reached")
          .atMost(Stage.ALLOWANCE)
          .until(() -> sum("sluice_limit_rejections_total", "limit", "concurrency-limiter") > 100);
      for (int i = 0; i < 20; i++) {
        Metrics now = stage.metrics();
        assertThat(now.sum("sluice_concurrency_limit", Map.of())).isBetween(20L, 24L);
        assertThat(now.sum("sluice_concurrency_in_flight", Map.of())).isLessThanOrEqualTo(24);
        crowd.awaitMore(20);
      }
      trio.heal(0);
      await("everyone is served")
          .atMost(Stage.ALLOWANCE)
          .until(
              () -> {
                long failures = crowd.failures();
                crowd.awaitMore(300);
                return crowd.failures() - failures <= 3;
              });
      assertThat(crowd.answers().keySet()).isSubsetOf("200", "502", "503", "504");
    }
  }

  // ---- priorities ----

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void backupsServeWhileNobodyBeforeThemCanAndNoRequestFails() throws IOException {
    stage.run(PATIENT, CHECK + RETRY, List.of("priority = 0", "backup = true", "priority = 2"));
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      assertThat(crowd.sourcesOfTheNext(150)).containsOnlyKeys("a");
      trio.strike(0, "down");
      stage.awaitUp(0, false);
      assertThat(crowd.sourcesOfTheNext(150)).containsOnlyKeys("b");
      trio.strike(1, "down");
      stage.awaitUp(1, false);
      assertThat(crowd.sourcesOfTheNext(150)).containsOnlyKeys("c");
      trio.heal(0);
      stage.awaitUp(0, true);
      assertThat(crowd.sourcesOfTheNext(150)).containsOnlyKeys("a");
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }
}
