package io.sluice.distribution.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import eu.rekawek.toxiproxy.Proxy;
import io.sluice.distribution.Nginx;
import io.sluice.distribution.SluiceProcess;
import io.sluice.distribution.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds Sluice to the tables in {@link Matrix} and {@link Checked}. One Sluice has a route and an
 * upstream for each row, so that rows do not see each other and run at the same time: nearly all of
 * their time is waiting.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageMatrixIT {

  /** What a machine that is busy with other things may add to a deadline. */
  private static final Duration ALLOWANCE = Duration.ofSeconds(30);

  private static final String PATIENT = "timeouts { first-byte = 60s, idle = 60s }";
  private static final String PROMPT = "timeouts { first-byte = 2s, idle = 60s }";
  private static final String STRICT = "timeouts { first-byte = 2s, idle = 2s }";
  private static final String RETRY = "retry { type = standard }";
  private static final String PER_TRY =
      "retry { type = standard, per-try-timeout = 3s, on = [connect-failure, reset, timeout] }";
  private static final String CHECK =
      """
      health-check { type = http, path = "/health", headers { X-Case = probe-%d }
                     interval = 200ms, timeout = 3s, healthy = 2, unhealthy = 2 }
      """;

  @TempDir static Path folder;

  private final Map<String, Site> sites = new HashMap<>();
  private final Map<String, HaltingEndpoint> halting = new HashMap<>();
  private ToxiproxyServer toxiproxy;
  private Nginx nginx;
  private SluiceProcess sluice;

  @BeforeAll
  void start() {
    Nginx.Endpoint sick = new Nginx.Endpoint("sick");
    Nginx.Endpoint well = new Nginx.Endpoint("well");
    nginx = Nginx.start(folder, "endpoints", sick, well);
    toxiproxy = ToxiproxyServer.start(folder);
    Map<String, Proxy> proxies = new HashMap<>();
    StringBuilder config =
        new StringBuilder(
            """
            listeners.web.bind = "127.0.0.1:0"
            admin.bind = "127.0.0.1:0"
            access-log = off
            runtime.shutdown-timeout = 1s
            routes = []
            """);
    for (Row row : Matrix.rows()) {
      int port = sick.port();
      if (row.strike().wantsHaltingEndpoint()) {
        HaltingEndpoint endpoint = new HaltingEndpoint();
        halting.put(row.id(), endpoint);
        port = endpoint.port();
      }
      Proxy proxy = toxiproxy.proxy(row.id(), port);
      proxies.put(row.id(), proxy);
      config.append(route(row.id(), timeouts(row.policy())));
      config.append(
          Site.upstream(
              row.id(), proxy, well, row.policy() == Row.Policy.PER_TRY ? PER_TRY : RETRY));
    }
    for (Checked row : Checked.rows()) {
      Proxy proxy = toxiproxy.proxy(row.id(), sick.port());
      proxies.put(row.id(), proxy);
      config.append(route(row.id(), PATIENT));
      config.append(
          Site.upstream(row.id(), proxy, well, RETRY + "\n" + CHECK.formatted(row.number())));
    }
    sluice = SluiceProcess.run(folder, config.toString());
    proxies.forEach((id, proxy) -> sites.put(id, new Site(id, toxiproxy, proxy, sluice)));
  }

  private static String timeouts(Row.Policy policy) {
    return switch (policy) {
      case PROMPT -> PROMPT;
      case STRICT -> STRICT;
      case PATIENT, PER_TRY -> PATIENT;
    };
  }

  private static String route(String id, String timeouts) {
    return """
    routes += { name = %1$s, match.path-prefix = "/%1$s/", rewrite.strip-prefix = "/%1$s"
                %2$s, upstream = %1$s }
    """
        .formatted(id, timeouts);
  }

  @AfterAll
  void stop() {
    if (sluice != null) {
      sluice.close();
    }
    if (toxiproxy != null) {
      toxiproxy.close();
    }
    if (nginx != null) {
      nginx.close();
    }
    halting.values().forEach(HaltingEndpoint::close);
  }

  static List<Row> rows() {
    return Matrix.rows();
  }

  static List<Checked> checked() {
    return Checked.rows();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @Execution(ExecutionMode.CONCURRENT)
  void under(Row row) throws Exception {
    Site site = sites.get(row.id());
    HaltingEndpoint halts = halting.get(row.id());
    try {
      try (Caller caller = new Caller(sluice.port("web"))) {
        if (row.strike().isBetweenExchanges()) {
          useOnce(caller, site, row, halts);
        }
        call(caller, row, site, halts);
        holds(caller, row);
      }
      counts(site, row);
    } finally {
      site.heal();
      if (halts != null) {
        halts.goOn();
      }
    }
    site.awaitRecovery(ALLOWANCE);
    holdsNothing(site, row);
  }

  /**
   * Makes a connection that is idle when the toxics come, for the same client connection: idle ones
   * are kept by event loop.
   */
  private static void useOnce(Caller caller, Site site, Row row, HaltingEndpoint halts)
      throws Exception {
    if (halts != null) {
      halts.goOn();
    }
    assertThat(site.get(caller).header("X-Endpoint")).isEqualTo("sick");
    awaitConnections(site, row, "idle", 1);
    site.strike(row.toxins());
    if (row.strike() == Row.Strike.GONE) {
      awaitConnections(site, row, "idle", 0);
    } else if (halts != null) {
      halts.closeConnections();
    }
  }

  private static void awaitConnections(Site site, Row row, String state, long number) {
    await(number + " connections that are " + state)
        .atMost(ALLOWANCE)
        .until(() -> site.metrics().connections(row.id(), state) == number);
  }

  /** Sends the request, strikes when it is time, reads the answer as far as it goes. */
  private static void call(Caller caller, Row row, Site site, HaltingEndpoint halts)
      throws Exception {
    Row.Strike strike = row.strike();
    if (strike == Row.Strike.START) {
      site.strike(row.toxins());
    }
    byte[] content = Nginx.pattern(row.request().length());
    caller.send(row.request().method(), row.target(), row.label(), content);
    if (strike == Row.Strike.UPLOAD) {
      caller.awaitFirstHalf();
      awaitConnections(site, row, "active", 1);
      site.strike(row.toxins());
    } else if (strike == Row.Strike.HEAD) {
      halts.awaitHalf();
      site.strike(row.toxins());
      halts.goOn();
    }
    caller.sendSecondHalf();
    caller.head();
    if (strike == Row.Strike.BODY) {
      caller.content(1000);
      site.strike(row.toxins());
    }
    caller.content(Long.MAX_VALUE);
  }

  private void holds(Caller caller, Row row) throws IOException {
    Duration took = caller.took();
    Wire.Message answer = caller.answer();
    String from = answer.header("X-Endpoint");
    assertThat(new Row.Answer(answer.status(), from == null ? "sluice" : from, caller.whole()))
        .as("answer (Proxy-Status: %s)", answer.header("Proxy-Status"))
        .isEqualTo(row.answer());
    assertThat(took).as("time").isBetween(row.after(), row.after().plus(ALLOWANCE));
    if (from == null) {
      assertThat(answer.header("Proxy-Status")).startsWith("sluice; error=");
    }
    if (row.request().isUpload() && answer.status() == 201) {
      assertThat(Files.readAllBytes(nginx.uploaded(from, row.upload())))
          .isEqualTo(Nginx.pattern(row.request().length()));
    }
  }

  private void counts(Site site, Row row) {
    await("attempts at the sick endpoint")
        .atMost(ALLOWANCE)
        .untilAsserted(
            () -> assertThat(site.metrics().attempts(row.id(), site.sick())).isEqualTo(row.sick()));
    assertThat(site.metrics().retries(row.id())).as("retries").isEqualTo(row.retries());
    if (row.request().method().equals("POST")) {
      assertThat(nginx.seen(row.label())).as("times that it was served").isLessThanOrEqualTo(1);
    }
  }

  /** Nothing is left of it: no attempt, no connection in use, nobody who waits. */
  private static void holdsNothing(Site site, Row row) {
    await()
        .atMost(ALLOWANCE)
        .untilAsserted(
            () -> {
              Metrics metrics = site.metrics();
              assertThat(metrics.connections(row.id(), "active")).isZero();
              assertThat(metrics.sum("sluice_upstream_pending", Map.of("upstream", row.id())))
                  .isZero();
            });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("checked")
  @Execution(ExecutionMode.CONCURRENT)
  void checked(Checked row) throws Exception {
    Site site = sites.get(row.id());
    awaitProbes(row, 1);
    assertThat(site.get().header("X-Endpoint")).isEqualTo("sick");
    try {
      site.strike(row.toxins());
      if (row.ejected()) {
        await("the sick endpoint is out")
            .atMost(Duration.ofSeconds(6).plus(ALLOWANCE))
            .until(() -> !site.metrics().up(row.id(), site.sick()));
        for (int i = 0; i < 5; i++) {
          assertThat(site.get().header("X-Endpoint")).isEqualTo("well");
        }
        assertThat(site.metrics().retries(row.id())).isZero();
      } else {
        awaitProbes(row, 4);
        assertThat(site.metrics().up(row.id(), site.sick())).isTrue();
        assertThat(site.get().header("X-Endpoint")).isEqualTo("sick");
      }
    } finally {
      site.heal();
    }
    await("the sick endpoint is in")
        .atMost(ALLOWANCE)
        .until(() -> site.metrics().up(row.id(), site.sick()));
    site.awaitRecovery(ALLOWANCE);
  }

  /** Waits until both endpoints together have seen {@code more} probes of each. */
  private void awaitProbes(Checked row, int more) {
    String probe = "probe-" + row.number();
    long until = nginx.seen(probe) + 2L * more;
    await(more + " probes").atMost(ALLOWANCE).until(() -> nginx.seen(probe) >= until);
  }
}
