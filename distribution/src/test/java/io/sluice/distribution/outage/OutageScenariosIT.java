package io.sluice.distribution.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outages as they happen, under load: three endpoints, something goes wrong, and comes right. */
class OutageScenariosIT {

  private static final int CLIENTS = 64;
  private static final double PER_SECOND = 400;

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
    stage = Stage.set(folder);
    trio = stage.trio();
  }

  @AfterEach
  void clear() {
    if (stage != null) {
      stage.close();
    }
  }

  /**
   * Nobody waits for a silent endpoint twice: a request can only fail that was sent there before
   * the checks took it out, and each client has one of these for each deadline that passed before.
   */
  @Test
  void silenceOfOneOfThreeFailsNoMoreThanWhatWasUnderWay() throws IOException {
    Duration deadline = Duration.ofSeconds(6);
    stage.run("timeouts { first-byte = 6s }", CHECK + RETRY);
    try (Crowd crowd = stage.crowd("/ping", CLIENTS, PER_SECOND)) {
      crowd.awaitMore(1000);
      assertThat(crowd.failures()).isZero();
      long struck = System.nanoTime();
      trio.strike(0, "timeout 0 downstream");
      stage.awaitUp(0, false);
      Duration detection = Duration.ofNanos(System.nanoTime() - struck);
      crowd.awaitRound();
      long failed = crowd.failures();
      assertThat(failed).isLessThanOrEqualTo(CLIENTS * (1 + detection.dividedBy(deadline)));
      assertThat(crowd.answers().keySet()).isSubsetOf("200", "504");
      crowd.awaitMore(1000);
      assertThat(crowd.failures()).isEqualTo(failed);
      trio.heal(0);
      stage.awaitUp(0, true);
      long before = crowd.sources().get("a");
      crowd.awaitRound();
      crowd.awaitMore(500);
      assertThat(crowd.failures()).isEqualTo(failed);
      assertThat(crowd.sources().get("a")).isGreaterThan(before);
    }
  }

  /** A deadline for each try, and not one request fails. */
  @Test
  void silenceOfOneOfThreeFailsNothingWhereEachTryHasADeadline() throws IOException {
    stage.run(
        "timeouts { first-byte = 60s }",
        CHECK
            + """
            retry { type = standard, per-try-timeout = 2s, on = [connect-failure, reset, timeout]
                    budget { ratio = 100%, per-second = 1000 } }
            """);
    try (Crowd crowd = stage.crowd("/ping", CLIENTS, PER_SECOND)) {
      crowd.awaitMore(1000);
      trio.strike(0, "timeout 0 downstream + timeout 0 upstream");
      stage.awaitUp(0, false);
      crowd.awaitRound();
      crowd.awaitMore(1000);
      assertThat(crowd.answers().keySet()).containsExactly("200");
    }
  }

  /** Nothing takes it out, and it fails so fast that it gets more than its share. */
  @Test
  void anEndpointThatStaysDeadAndInFailsNothingWithinTheUsualBudget() throws IOException {
    stage.run("timeouts { first-byte = 60s }", RETRY);
    trio.strike(0, "down");
    try (Crowd crowd = stage.crowd("/ping", CLIENTS, PER_SECOND)) {
      crowd.awaitMore(3000);
      crowd.awaitRound();
      assertThat(crowd.answers().keySet()).containsExactly("200");
      assertThat(stage.metrics().retries("trio")).isGreaterThan(700);
    }
  }

  @Test
  void aRollingRestartFailsNothing() {
    stage.run("timeouts { first-byte = 60s }", CHECK + RETRY);
    try (Crowd crowd = stage.crowd("/ping", CLIENTS, PER_SECOND)) {
      crowd.awaitMore(500);
      for (int i = 0; i < trio.size(); i++) {
        trio.server(i).stop();
        stage.awaitUp(i, false);
        crowd.awaitMore(200);
        trio.server(i).start();
        stage.awaitUp(i, true);
        crowd.awaitMore(200);
      }
      crowd.awaitRound();
      assertThat(crowd.answers().keySet()).containsExactly("200");
      assertThat(crowd.sources().keySet()).containsExactly("a", "b", "c");
    }
  }

  /** 502 while they are tried, 503 once they are known to be down, and nothing hangs. */
  @Test
  void allDownIsAnsweredAtOnceAndOverAsSoonAsTheyAreBack() throws IOException {
    stage.run("timeouts { first-byte = 60s }", CHECK + RETRY);
    try (Crowd crowd = stage.crowd("/ping", 8, 100)) {
      crowd.awaitMore(50);
      for (int i = 0; i < trio.size(); i++) {
        trio.strike(i, "down");
      }
      for (int i = 0; i < trio.size(); i++) {
        stage.awaitUp(i, false);
      }
      crowd.awaitRound();
      long answered = crowd.answered();
      long unavailable = crowd.answers().getOrDefault("503", 0L);
      crowd.awaitMore(100);
      crowd.awaitRound();
      assertThat(crowd.answers().get("503") - unavailable)
          .as("503 since all are known to be down")
          .isBetween(100L, crowd.answered() - answered + 8);
      for (int i = 0; i < trio.size(); i++) {
        trio.heal(i);
      }
      for (int i = 0; i < trio.size(); i++) {
        stage.awaitUp(i, true);
      }
      crowd.awaitRound();
      long failed = crowd.failures();
      crowd.awaitMore(100);
      assertThat(crowd.failures()).isEqualTo(failed);
      assertThat(crowd.answers().keySet()).isSubsetOf("200", "502", "503");
    }
  }

  @Test
  void anEndpointThatComesAndGoesEverySecondForAMinuteFailsNothing() throws Exception {
    stage.run("timeouts { first-byte = 60s }", CHECK + RETRY);
    int changes = 60;
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      AtomicInteger made = new AtomicInteger();
      clock.scheduleAtFixedRate(() -> flap(made), 0, 1, TimeUnit.SECONDS);
      await("the flapping")
          .atMost(Duration.ofSeconds(changes).plus(Stage.ALLOWANCE))
          .until(() -> made.get() >= changes);
      assertThat(crowd.answers().keySet()).containsExactly("200");
      clock.shutdown();
      assertThat(clock.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
      trio.heal(0);
      stage.awaitUp(0, true);
      crowd.awaitRound();
      assertThat(crowd.answers().keySet()).containsExactly("200");
    } finally {
      clock.shutdownNow();
    }
  }

  private void flap(AtomicInteger made) {
    try {
      if (made.get() % 2 == 0) {
        trio.strike(0, "down");
      } else {
        trio.heal(0);
      }
      made.incrementAndGet();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * In flight are as many at each, so one that takes ten times as long gets a tenth of the rest.
   */
  @Test
  void anEndpointTenTimesSlowerGetsFarLessThanItsShare() throws IOException {
    stage.run("timeouts { first-byte = 60s }", RETRY);
    trio.strike(0, "latency 400 downstream");
    trio.strike(1, "latency 40 downstream");
    trio.strike(2, "latency 40 downstream");
    try (Crowd crowd = stage.crowd("/ping", 32, 10_000)) {
      crowd.awaitMore(1500);
      assertThat(crowd.failures()).isZero();
      assertThat(crowd.sources().get("a")).isLessThan(crowd.answered() * 15 / 100);
    }
  }

  /**
   * What fails in a millisecond is never busy, so least-request sends it more than its share. Five
   * failures in a row take it out; those that were under way then may still fail, and no others.
   */
  @Test
  void anEndpointThatFailsAtOnceIsOutAfterFiveFailures() throws IOException {
    stage.run("timeouts { first-byte = 60s }", "outlier-detection { type = standard }\n" + RETRY);
    trio.strike(1, "latency 50 downstream");
    trio.strike(2, "latency 50 downstream");
    try (Crowd crowd = stage.crowd("/ping", 16, 200)) {
      crowd.awaitMore(200);
      assertThat(crowd.failures()).isZero();
      trio.server(0).fail();
      stage.awaitEjected(0);
      crowd.awaitRound();
      long failed = crowd.failures();
      assertThat(failed).isBetween(5L, 5L + 2 * 16);
      crowd.awaitMore(500);
      assertThat(crowd.failures()).isEqualTo(failed);
      assertThat(crowd.answers().keySet()).containsExactly("200", "500");
    }
  }

  /**
   * No check looks, and no try has a deadline: who was caught fails, and nobody is caught after.
   */
  @Test
  void silenceIsNoticedByItsVictimsWhereNothingElseLooks() throws IOException {
    stage.run("timeouts { first-byte = 4s }", "outlier-detection { type = standard }\n" + RETRY);
    try (Crowd crowd = stage.crowd("/ping", CLIENTS, PER_SECOND)) {
      crowd.awaitMore(1000);
      long struck = System.nanoTime();
      trio.strike(0, "timeout 0 downstream");
      stage.awaitEjected(0);
      Duration detection = Duration.ofNanos(System.nanoTime() - struck);
      crowd.awaitRound();
      long failed = crowd.failures();
      assertThat(failed).isBetween(5L, CLIENTS * (1 + detection.dividedBy(Duration.ofSeconds(4))));
      crowd.awaitMore(1000);
      assertThat(crowd.failures()).isEqualTo(failed);
      assertThat(crowd.answers().keySet()).containsExactly("200", "504");
    }
  }

  /**
   * Every answer is an error that may be tried again. In any ten seconds retries are at most 20 %
   * of the requests and ten for each second, so the endpoints see 1.2 + 10/s ÷ rate for each
   * request, however many tries a request could have.
   */
  @Test
  void aStormOfErrorsIsNotMadeWorseThanTheBudgetAllows() {
    stage.run("", "retry { type = standard, attempts = 4, on = [5xx] }");
    long began = System.nanoTime();
    long requests;
    try (Crowd crowd = stage.crowd("/error", CLIENTS, 600)) {
      crowd.awaitMore(6000);
      crowd.stop();
      requests = crowd.answered();
      assertThat(crowd.answers().keySet()).containsExactly("500");
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    Metrics metrics = stage.metrics();
    long attempts = metrics.sum("sluice_attempts_total", Map.of("upstream", "trio"));
    double reserve = 10;
    assertThat((double) attempts / requests)
        .as("attempts for each of %d requests in %.1f s", requests, seconds)
        .isLessThanOrEqualTo(1.2 + 10 * (seconds + reserve + 1) / requests)
        .isGreaterThan(1.1);
  }
}
