package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route's retry block lies over that of its upstream, key by key. */
class RouteRetryTest {

  @TempDir Path home;
  private final Peer busy = Peer.of(request -> Peer.answer(request, 503, "busy"));
  private final Peer silent = Peer.of(request -> request.content().read());
  private Running running;

  @AfterEach
  void stop() {
    if (running != null) {
      running.close();
    }
    busy.close();
    silent.close();
  }

  private void start(String config) {
    running =
        Running.start(
            home,
            Running.COMMON
                + config
                    .replace("BUSY", '"' + busy.address() + '"')
                    .replace("SILENT", '"' + silent.address() + '"'),
            new Once());
  }

  /** A policy of another type, which has no keys: never again. */
  private static final class Once implements RetryPolicyFactory {
    @Override
    public String type() {
      return "once";
    }

    @Override
    public RetryPolicy create(ConfigSection config, PluginContext context) {
      return new RetryPolicy() {
        @Override
        public int maxAttempts() {
          return 1;
        }

        @Override
        public long retryAfter(
            io.sluice.api.http.RequestHead request, AttemptOutcome outcome, int made) {
          return NO;
        }

        @Override
        public boolean retriesStatus(int status) {
          return false;
        }
      };
    }
  }

  private int attemptsAt(String path) throws IOException {
    int before = busy.lines.size();
    try (Caller caller = running.caller()) {
      assertThat(caller.get(path).status()).isEqualTo(503);
    }
    return busy.lines.size() - before;
  }

  @Test
  void keysThatTheRouteDoesNotNameAreTheUpstreams() throws Exception {
    start(
        """
        upstreams.app { endpoints = [ BUSY ], retry { attempts = 5, budget = 3 } }
        routes = [
          { match.path = "/plain", upstream = app }
          { match.path = "/fewer", retry.attempts = 2, upstream = app }
          { match.path = "/spent", retry.budget = 1, upstream = app }
          { match.path = "/never", retry = off, upstream = app }
          { match.path = "/other", retry.type = once, upstream = app }
        ]
        """);
    assertThat(attemptsAt("/plain")).isEqualTo(4);
    assertThat(attemptsAt("/fewer")).isEqualTo(2);
    assertThat(attemptsAt("/spent")).isEqualTo(2);
    assertThat(attemptsAt("/never")).isEqualTo(1);
    assertThat(attemptsAt("/other")).isEqualTo(1);
  }

  @Test
  void aStatusThatIsLeftAfterTheLastAttemptIsCountedAsAFailureIs() throws Exception {
    start(
        """
        upstreams.app { endpoints = [ BUSY ], retry { attempts = 2 } }
        routes = [ { upstream = app } ]
        """);
    assertThat(attemptsAt("/")).isEqualTo(2);
    AdminCaller admin = new AdminCaller(running);
    String retries = "sluice_retries_total{result=\"%s\",upstream=\"app\"}";
    assertThat(admin.meter(retries.formatted("retried"))).startsWith("1");
    assertThat(admin.meter(retries.formatted("exhausted"))).startsWith("1");
  }

  @Test
  void eachUpstreamOfASplitKeepsItsOwnKeys() throws Exception {
    start(
        """
        upstreams.one { endpoints = [ BUSY ], retry { attempts = 4 } }
        upstreams.two { endpoints = [ BUSY ], retry { attempts = 2 } }
        routes = [ { retry.wait = 1ms, upstream = [ { name = one, weight = 1 }, { name = two, weight = 1 } ] } ]
        """);
    List<Integer> attempts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      attempts.add(attemptsAt("/"));
    }
    assertThat(attempts).containsOnly(4, 2).contains(4, 2);
  }

  @Test
  void aReloadThatChangesTheUpstreamsBlockReachesTheRoute() throws Exception {
    String config =
        """
        upstreams.app { endpoints = [ BUSY ], retry { attempts = ATTEMPTS } }
        routes = [ { retry.wait = 1ms, upstream = app } ]
        """;
    start(config.replace("ATTEMPTS", "2"));
    assertThat(attemptsAt("/")).isEqualTo(2);
    ReloadResult result =
        running.reload(
            Running.COMMON
                + config.replace("ATTEMPTS", "3").replace("BUSY", '"' + busy.address() + '"'));
    assertThat(result.problems()).isEmpty();
    assertThat(attemptsAt("/")).isEqualTo(3);
  }

  @Test
  void everyProblemIsReportedOnceWhereItWasWritten() throws IOException {
    Path file = home.resolve("sluice.conf");
    Files.writeString(
        file,
        """
        listeners.web.bind = "127.0.0.1:0", access-log = off
        upstreams.app {
          endpoints = [ "127.0.0.1:1" ]
          retry { attempts = 99, wiat = 1s }
        }
        routes = [
          { retry { budget = many, per-trie = 1s }, upstream = app }
          { retry { type = once, attempts = 3 }, upstream = app }
        ]
        """);
    List<PluginFactory<?>> plugins = new ArrayList<>(Running.basicPlugins());
    plugins.add(new Once());
    ConfigInvalid refused =
        catchThrowableOfType(
            ConfigInvalid.class,
            () ->
                Platform.start(
                    file,
                    new PlatformOptions(Map.of(), home, "test", "test", level -> {}, plugins)));
    assertThat(refused.problems())
        .map(problem -> problem.substring(problem.indexOf(':') + 1))
        .containsExactly(
            "4: upstreams.app.retry.attempts: \"99\" is out of range (expected: a whole number from"
                + " 1 to 10)",
            "4: upstreams.app.retry.wiat: unknown key (did you mean \"wait\"?)",
            "7: routes[0].retry.budget: \"many\" is not a whole number (expected: a whole number"
                + " from 0 to 1000)",
            "7: routes[0].retry.per-trie: unknown key (did you mean \"per-try\"?)",
            "8: routes[1].retry.attempts: unknown key (expected: one of type, max-replay)");
  }
}
