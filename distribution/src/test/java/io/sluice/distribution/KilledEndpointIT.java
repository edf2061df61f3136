package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An endpoint dies while clients ask: no GET fails while another one lives. */
class KilledEndpointIT {

  private static final int DEATHS = 5;

  @TempDir Path folder;

  @Test
  void noGetFailsWhileAnotherEndpointLives() {
    try (ScriptedEndpoint mortal = ScriptedEndpoint.underLoad("mortal");
        ScriptedEndpoint lasting = ScriptedEndpoint.underLoad("lasting");
        SluiceProcess sluice =
            SluiceProcess.run(
                folder,
                """
                listeners.web.bind = "127.0.0.1:0"
                admin.bind = "127.0.0.1:0"
                routes = [ { upstream = app } ]
                upstreams.app {
                  endpoints = [ "%s", "%s" ]
                  balancer.type = round-robin
                  retry { type = standard, attempts = 3, on = [connect-failure, reset],
                          budget { ratio = 100%%, per-second = 1000 } }
                }
                """
                    .formatted(mortal.address(), lasting.address()));
        Load load =
            Load.start(
                sluice.port("web"),
                8,
                Load.Idle.MUST_STAY,
                response -> response.status() == 200,
                "/x")) {
      for (int death = 0; death < DEATHS; death++) {
        completeMore(load, 200);
        mortal.kill();
        completeMore(load, 200);
        mortal.revive();
      }
      load.stop();
      assertThat(load.failures()).isEmpty();
    }
  }

  private static void completeMore(Load load, long requests) {
    long until = load.completed() + requests;
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> load.completed() >= until || !load.failures().isEmpty());
    assertThat(load.failures()).isEmpty();
  }
}
