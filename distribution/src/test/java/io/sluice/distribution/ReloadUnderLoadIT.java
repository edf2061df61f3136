package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reloads and drains while clients keep asking: nobody notices. */
class ReloadUnderLoadIT {

  private static final int RELOADS = 50;
  private static final int CONNECTIONS = 16;

  @TempDir Path folder;

  @Test
  void fiftyReloadsThatAddRemoveAndAlterFailNoRequest() throws IOException {
    try (ScriptedEndpoint a = ScriptedEndpoint.underLoad("steady");
        ScriptedEndpoint b = ScriptedEndpoint.underLoad("steady");
        ScriptedEndpoint c = ScriptedEndpoint.underLoad("steady");
        SluiceProcess sluice = SluiceProcess.run(folder, config(0, a, b, c));
        Load load =
            Load.start(
                sluice.port("web"),
                CONNECTIONS,
                Load.Idle.MUST_STAY,
                response -> response.status() == 200 && response.text().equals("steady"),
                "/steady",
                "/pool/x",
                "/pool/y?z=1")) {
      for (int round = 1; round <= RELOADS; round++) {
        long before = load.completed();
        Files.writeString(folder.resolve("sluice.conf"), config(round, a, b, c));
        Wire.Message reload = Client.call(sluice.adminPort(), "POST", "/reload", List.of());
        assertThat(reload.status()).as(reload.text()).isEqualTo(200);
        assertThat(Client.get(sluice.port("web"), "/round").text()).isEqualTo("round " + round);
        await().atMost(Duration.ofSeconds(20)).until(() -> load.completed() > before + 20);
      }
      load.stop();
      assertThat(load.failures()).isEmpty();
      assertThat(load.completed()).isGreaterThan(RELOADS * 20L);
    }
  }

  @Test
  void drainingUnderLoadFailsNoRequest() {
    try (ScriptedEndpoint a = ScriptedEndpoint.underLoad("steady");
        SluiceProcess sluice =
            SluiceProcess.run(
                folder,
                """
                listeners.web.bind = "127.0.0.1:0"
                admin.bind = "127.0.0.1:0"
                routes = [ { upstream = app } ]
                upstreams.app.endpoints = [ "%s" ]
                """
                    .formatted(a.address()));
        Load load =
            Load.start(
                sluice.port("web"),
                CONNECTIONS,
                Load.Idle.MAY_CLOSE,
                response -> response.status() == 200 && response.text().equals("steady"),
                "/x")) {
      await().atMost(Duration.ofSeconds(20)).until(() -> load.completed() > 500);
      sluice.signal("TERM");
      assertThat(sluice.exitCode(Duration.ofSeconds(30))).isZero();
      load.stop();
      assertThat(load.failures()).isEmpty();
    }
  }

  /** A config that differs from round to round in routes, upstreams, endpoints and policies. */
  private static String config(
      int round, ScriptedEndpoint a, ScriptedEndpoint b, ScriptedEndpoint c) {
    List<String> routes = new ArrayList<>();
    List<String> upstreams = new ArrayList<>();
    for (int extra = 0; extra < round % 7; extra++) {
      routes.add(
          "{ match.path = \"/extra/%d/%d\", upstream = extra-%d }".formatted(round, extra, extra));
      upstreams.add("extra-%d.endpoints = [ \"%s\" ]".formatted(extra, b.address()));
    }
    String balancer = round % 3 == 0 ? "round-robin" : round % 3 == 1 ? "least-request" : "random";
    String pool =
        round % 2 == 0
            ? "\"%s\", \"%s\"".formatted(a.address(), b.address())
            : "\"%s\", { address = \"%s\", weight = %d }"
                .formatted(b.address(), c.address(), 1 + round % 5);
    return """
        listeners.web.bind = "127.0.0.1:0"
        admin.bind = "127.0.0.1:0"
        routes = [
          { match.path = "/round", respond { status = 200, body = "round %d", content-type = "text/plain" } }
          %s
          { name = pool, match.path-prefix = "/pool", upstream = pool,
            middleware = [ { type = headers, response.set { X-Round = "%d" } } ] }
          { name = steady, upstream = steady }
        ]
        upstreams {
          steady.endpoints = [ "%s" ]
          pool { endpoints = [ %s ], balancer.type = %s }
          %s
        }
        """
        .formatted(
            round,
            String.join("\n  ", routes),
            round,
            a.address(),
            pool,
            balancer,
            String.join("\n  ", upstreams));
  }
}
