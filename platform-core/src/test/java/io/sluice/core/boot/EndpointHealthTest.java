package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What active checks find, who then serves, and what operators see of it. */
class EndpointHealthTest {

  private enum Answer {
    SICK,
    SILENT,
    THROWS
  }

  @TempDir Path home;
  private final Map<Integer, Answer> answers = new ConcurrentHashMap<>();
  private final Peer one = Peer.saying("one");
  private final Peer two = Peer.saying("two");
  private Running running;

  private final class Told implements HealthCheckFactory {
    @Override
    public String type() {
      return "told";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public HealthCheck create(ConfigSection config, PluginContext context) {
      return target -> verdict(answers.get(target.endpoint().port()));
    }
  }

  private static CompletionStage<HealthCheck.Verdict> verdict(Answer answer) {
    if (answer == Answer.THROWS) {
      throw new IllegalStateException("a broken check");
    }
    return answer == Answer.SILENT
        ? new CompletableFuture<>()
        : CompletableFuture.completedFuture(
            new HealthCheck.Verdict(answer == null, answer == null ? "well" : "not well"));
  }

  private static int port(Peer peer) {
    return Integer.parseInt(peer.address().split(":")[1]);
  }

  private String config(String settings) {
    return "runtime.event-loops = 1\n"
        + Running.COMMON
        + "upstreams.app {\nendpoints = [ \""
        + one.address()
        + "\", \""
        + two.address()
        + "\" ]\nhealth-check { type = told, interval = 20ms, timeout = 20ms, healthy = 2,"
        + " unhealthy = 2 }\n"
        + settings
        + "\n}\nroutes = [ { upstream = app } ]\n";
  }

  private Upstream app() {
    return Objects.requireNonNull(running.platform.loaded().upstream("app"));
  }

  private EndpointState first() {
    return app().endpoints().get(0);
  }

  private String admin(String path) throws IOException {
    InetSocketAddress address =
        (InetSocketAddress) Objects.requireNonNull(running.platform.adminAddress());
    try (Caller caller = new Caller(address.getPort())) {
      caller.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      return caller.receive(false).body();
    }
  }

  @AfterEach
  void stop() {
    running.close();
    one.close();
    two.close();
  }

  @Test
  void whatProbesFindIsCountedAndShown() throws Exception {
    running = Running.start(home, config(""), new Told());
    await().until(() -> first().probesPassed() > 2);
    assertThat(first().probesFailed()).isZero();
    Instant began = first().healthSince();
    for (Answer answer : Answer.values()) {
      long failed = first().probesFailed();
      answers.put(port(one), answer);
      await().until(() -> !first().healthy());
      assertThat(first().probesFailed()).isGreaterThanOrEqualTo(failed + 2);
      assertThat(first().healthSince()).isAfter(began);
      assertThat(first().detail())
          .isEqualTo(
              switch (answer) {
                case SICK -> "not well";
                case SILENT -> "no answer within 20 ms";
                case THROWS -> "a broken check";
              });
      answers.clear();
      await().until(() -> first().healthy());
    }
    String endpoint = "endpoint=\"" + one.address() + "\"";
    String metrics = admin("/metrics");
    for (String result : new String[] {"passed", "failed", "timeout"}) {
      assertThat(metrics)
          .containsPattern(
              "sluice_health_checks_total\\{[^}]*"
                  + endpoint
                  + "[^}]*result=\""
                  + result
                  + "\"[^}]*} [1-9]");
    }
    assertThat(admin("/upstreams")).contains("\"since\":\"", "\"passed\":", "\"failed\":", "well");
  }

  @Test
  void aReloadKeepsWhatIsKnown() throws Exception {
    answers.put(port(one), Answer.SICK);
    running = Running.start(home, config(""), new Told());
    await().until(() -> !first().healthy() && app().endpoints().get(1).checked());
    EndpointState known = first();
    Instant since = known.healthSince();
    long failed = known.probesFailed();
    running.reload(config("timeouts.connect = 1s"));
    assertThat(first()).isSameAs(known);
    assertThat(known.healthSince()).isEqualTo(since);
    await().until(() -> known.probesFailed() > failed);
    assertThat(known.healthy()).isFalse();
    assertThat(app().eligible()).isEqualTo(1);
  }

  @Test
  void panicLetsEverybodyServeAndIsMetered() throws Exception {
    answers.put(port(one), Answer.SICK);
    answers.put(port(two), Answer.SICK);
    running = Running.start(home, config("panic-threshold = 60%"), new Told());
    await().until(() -> admin("/metrics").contains("sluice_upstream_panic{upstream=\"app\"} 1"));
    try (Caller caller = running.caller()) {
      await().until(() -> app().endpoints().stream().noneMatch(EndpointState::healthy));
      assertThat(List.of(caller.get("/").body(), caller.get("/").body()))
          .containsExactlyInAnyOrder("one", "two");
      answers.clear();
      await().until(() -> admin("/metrics").contains("sluice_upstream_panic{upstream=\"app\"} 0"));
      running.reload(config("panic-threshold = off"));
      answers.put(port(one), Answer.SICK);
      answers.put(port(two), Answer.SICK);
      await().until(() -> app().eligible() == 0);
      assertThat(caller.get("/").status()).isEqualTo(503);
    }
  }
}
