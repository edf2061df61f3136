package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.PickRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a balancer hears of the attempts that nobody waited for to the end. */
class OvertakenTest {

  private record Heard(boolean cancelled, boolean overtaken, long firstByteNanos) {}

  @TempDir Path home;
  private final Peer silent = Peer.of(request -> request.content().read());
  private final Peer quick = Peer.saying("quick");
  private final Map<Integer, Heard> heard = new ConcurrentHashMap<>();
  private Running running;

  /** Picks the first endpoint that may be picked, in the order of the config. */
  private final class InOrder implements LoadBalancerFactory {
    @Override
    public String type() {
      return "in-order";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public LoadBalancer create(ConfigSection config, PluginContext context) {
      return new LoadBalancer() {
        @Override
        public Picker picker(List<Endpoint> endpoints) {
          return request -> firstOf(endpoints, request);
        }

        @Override
        public void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {
          heard.put(
              endpoint.port(),
              new Heard(outcome.cancelled(), outcome.overtaken(), outcome.firstByteNanos()));
        }
      };
    }
  }

  private static Endpoint firstOf(List<Endpoint> endpoints, PickRequest request) {
    return endpoints.stream()
        .filter(endpoint -> !request.excluded(endpoint))
        .findFirst()
        .orElse(endpoints.get(0));
  }

  private void start(String policies) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + """
                upstreams.app {
                  endpoints = [ "%s", "%s" ]
                  balancer.type = in-order
                  %s
                }
                routes = [ { upstream = app } ]
                """
                    .formatted(silent.address(), quick.address(), policies),
            new InOrder());
  }

  @AfterEach
  void stop() {
    running.close();
    silent.close();
    quick.close();
  }

  @Test
  void anAttemptThatItsHedgeOvertookTookAtLeastTheHedgesDelay() throws Exception {
    start("hedge { after = 60ms, budget { per-second = 1000 } }");
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("quick");
      await().until(() -> heard.size() == 2);
    }
    Heard loser = heard.get(silent.port());
    assertThat(loser.cancelled()).isTrue();
    assertThat(loser.overtaken()).isTrue();
    assertThat(loser.firstByteNanos()).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(60));
    Heard winner = heard.get(quick.port());
    assertThat(winner.cancelled()).isFalse();
    assertThat(winner.overtaken()).isFalse();
  }

  @Test
  void anAttemptWhoseClientLeftWasOvertakenByNothing() throws Exception {
    start("");
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/", ""));
      await().until(() -> !silent.lines.isEmpty());
      caller.socket.setSoLinger(true, 0);
    }
    await().until(() -> heard.size() == 1);
    assertThat(heard.get(silent.port()).cancelled()).isTrue();
    assertThat(heard.get(silent.port()).overtaken()).isFalse();
  }
}
