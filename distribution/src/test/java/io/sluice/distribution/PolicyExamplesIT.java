package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sluice.distribution.ScriptedEndpoint.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code conf/examples} about policies, before real endpoints. */
class PolicyExamplesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  // --- health-cors-limit.conf
  // ---------------------------------------------------------------------

  @Test
  void isReadyOnlyWhenOneEndpointIsHealthyAndBringsARecoveredOneBack() {
    AtomicBoolean firstWell = new AtomicBoolean();
    AtomicBoolean secondWell = new AtomicBoolean();
    try (ScriptedEndpoint first = withHealth("first", firstWell);
        ScriptedEndpoint second = withHealth("second", secondWell);
        SluiceProcess sluice =
            healthCorsLimit(first, second)
                .replace("interval = 5s", "interval = 50ms")
                .run(folder)) {
      assertThat(Client.get(sluice.adminPort(), "/health/ready").status()).isEqualTo(503);
      assertThat(Client.get(sluice.port("web"), "/").status()).isEqualTo(503);

      firstWell.set(true);
      await()
          .atMost(SOON)
          .until(() -> Client.get(sluice.adminPort(), "/health/ready").status() == 200);
      assertThat(Client.get(sluice.port("web"), "/a").text()).isEqualTo("first");

      secondWell.set(true);
      firstWell.set(false);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Client.get(sluice.adminPort(), "/metrics").text())
                      .containsPattern(up(first, 0))
                      .containsPattern(up(second, 1)));
      assertThat(Client.get(sluice.port("web"), "/b").text()).isEqualTo("second");

      firstWell.set(true);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Client.get(sluice.adminPort(), "/metrics").text())
                      .containsPattern(up(first, 1)));
    }
  }

  @Test
  void answersCorsForAnyOriginAndForListedOnes() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        SluiceProcess sluice = readyHealthCorsLimit(first, second)) {
      int web = sluice.port("web");
      Wire.Message any = Client.get(web, "/", "Origin: https://anywhere.example");
      assertThat(any.status()).isEqualTo(200);
      assertThat(any.header("Access-Control-Allow-Origin")).isEqualTo("*");

      Wire.Message listed = Client.get(web, "/account", "Origin: https://app.example.com");
      assertThat(listed.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
      assertThat(listed.header("Access-Control-Allow-Credentials")).isEqualTo("true");
      assertThat(listed.header("Access-Control-Expose-Headers")).isEqualTo("X-Total");

      Wire.Message other = Client.get(web, "/account", "Origin: https://other.example.com");
      assertThat(other.header("Access-Control-Allow-Origin")).isNull();

      Wire.Message preflight =
          Client.call(
              web,
              "OPTIONS",
              "/account",
              List.of("Origin: https://app.example.com", "Access-Control-Request-Method: DELETE"));
      assertThat(preflight.status()).isIn(200, 204);
      assertThat(preflight.header("Access-Control-Allow-Methods")).contains("DELETE");
      assertThat(preflight.header("Access-Control-Max-Age")).isEqualTo("3600");
    }
  }

  @Test
  void refusesAClientBeyondItsBurstAndSaysWhenToComeBack() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        SluiceProcess sluice = readyHealthCorsLimit(first, second)) {
      List<Wire.Message> answers = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        answers.add(Client.get(sluice.port("web"), "/"));
      }
      assertThat(answers.subList(0, 10)).allMatch(answer -> answer.status() == 200);
      List<Wire.Message> refused =
          answers.stream().filter(answer -> answer.status() == 429).toList();
      // 100 a minute refill one in 600 ms, so of 30 at once nearly 20 are beyond the burst.
      assertThat(refused).hasSizeGreaterThanOrEqualTo(10);
      assertThat(refused.get(0).header("Retry-After")).matches("[0-9]+");
      assertThat(refused.get(0).headers())
          .anyMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("ratelimit"));
      assertThat(first.received().size() + second.received().size())
          .isGreaterThanOrEqualTo(30 - refused.size());
    }
  }

  @Test
  void logsOneLineOfJsonARequestOnStandardOutput() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        SluiceProcess sluice = readyHealthCorsLimit(first, second)) {
      Client.get(sluice.port("web"), "/logged?x=1", "User-Agent: the-test");
      await().atMost(SOON).until(() -> sluice.out().stream().anyMatch(l -> l.contains("/logged")));
      String line =
          sluice.out().stream().filter(l -> l.contains("/logged")).findFirst().orElseThrow();
      Config json = ConfigFactory.parseString(line);
      assertThat(line).startsWith("{").endsWith("}");
      assertThat(json.getString("method")).isEqualTo("GET");
      assertThat(json.getInt("status")).isEqualTo(200);
      assertThat(json.getString("route")).isEqualTo("public");
      assertThat(json.getString("upstream")).isEqualTo("app");
      assertThat(sluice.out()).allMatch(l -> l.startsWith("{"));
    }
  }

  private Example healthCorsLimit(ScriptedEndpoint first, ScriptedEndpoint second) {
    return Example.shipped("health-cors-limit.conf").endpoint(9001, first).endpoint(9002, second);
  }

  private SluiceProcess readyHealthCorsLimit(ScriptedEndpoint first, ScriptedEndpoint second) {
    SluiceProcess sluice =
        healthCorsLimit(first, second).replace("interval = 5s", "interval = 50ms").run(folder);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(Client.get(sluice.adminPort(), "/metrics").text())
                    .containsPattern(up(first, 1))
                    .containsPattern(up(second, 1)));
    return sluice;
  }

  private static ScriptedEndpoint withHealth(String name, AtomicBoolean well) {
    return ScriptedEndpoint.start(
        request ->
            request.target().equals("/health")
                ? Answer.status(well.get() ? 200 : 500)
                : Answer.ok(name));
  }

  private static String up(ScriptedEndpoint endpoint, int value) {
    return "sluice_endpoint_up\\{[^}]*:" + endpoint.port() + "\"[^}]*\\} " + value;
  }

  // --- resilience.conf
  // ----------------------------------------------------------------------------

  /** One of three dies, answers 500 or nothing at all; each time the others answer for it. */
  @Test
  void recommendedPoliciesHideWhatBefallsOneEndpoint() {
    AtomicReference<Function<Wire.Message, Answer>> script =
        new AtomicReference<>(request -> Answer.ok("sick"));
    CountDownLatch silence = new CountDownLatch(1);
    try (ScriptedEndpoint sick = ScriptedEndpoint.start(request -> script.get().apply(request));
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        ScriptedEndpoint third = ScriptedEndpoint.named("third");
        SluiceProcess sluice =
            Example.shipped("resilience.conf")
                .endpoint(9001, sick)
                .endpoint(9002, second)
                .endpoint(9003, third)
                .run(folder)) {
      awaitAnswerFrom("sick", sluice);
      script.set(
          request -> request.target().equals("/health") ? Answer.ok("well") : Answer.status(500));
      assertNobodyNotices(sluice);
      script.set(request -> sayNothing(silence));
      assertNobodyNotices(sluice);
      sick.kill();
      assertNobodyNotices(sluice);
      script.set(request -> Answer.ok("sick"));
      sick.revive();
      // One request at a time goes where answers came soonest of late: the others for a good while
      // yet.
      second.kill();
      third.kill();
      awaitAnswerFrom("sick", sluice);
    } finally {
      silence.countDown();
    }
  }

  private static Answer sayNothing(CountDownLatch until) {
    try {
      until.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Answer.status(503);
  }

  private static void assertNobodyNotices(SluiceProcess sluice) {
    for (int i = 0; i < 12; i++) {
      Wire.Message answer = Client.get(sluice.port("web"), "/");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isIn("second", "third");
    }
  }

  private static void awaitAnswerFrom(String endpoint, SluiceProcess sluice) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Client.get(sluice.port("web"), "/").text().equals(endpoint));
  }
}
