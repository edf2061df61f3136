package io.sluice.distribution.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.distribution.NameServer;
import io.sluice.distribution.Nginx;
import io.sluice.distribution.Ports;
import io.sluice.distribution.SluiceProcess;
import io.sluice.distribution.Wire;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a name stands for changes under load. Nothing is tried again here: a request that a change
 * broke would show. Tests run a few at a time, each with everything of its own: they mostly wait
 * for the next question to the name server.
 */
class OutageDnsIT {

  private static final String NAME = "svc.example.internal";
  private static final String SERVICE = "_http._tcp.svc.example.internal";
  private static final String HOST = "host.example.internal";

  /** How discovery comes by an answer that changes nothing. */
  private enum Trouble {
    NXDOMAIN,
    NO_RECORDS,
    SERVFAIL,
    SILENCE
  }

  @TempDir Path folder;

  private final NameServer names = new NameServer();
  private final int port = Ports.free();
  private final List<Nginx> servers = new ArrayList<>();
  private SluiceProcess sluice;

  /** Endpoints a, b and c: one port of three addresses. */
  @BeforeEach
  void start() {
    Turnstile.enter();
    for (String name : List.of("a", "b", "c")) {
      servers.add(Nginx.start(folder, name, new Nginx.Endpoint(name, address(name), port)));
    }
  }

  private static String address(String name) {
    return "127.0.0." + (1 + name.charAt(0) - 'a');
  }

  private void run(String upstream) {
    sluice =
        SluiceProcess.run(
            folder,
            """
            listeners.web.bind = "127.0.0.1:0"
            admin.bind = "127.0.0.1:0"
            access-log = off
            runtime.shutdown-timeout = 1s
            runtime.nameservers = [ "127.0.0.1:%1$d" ]
            routes = [ { upstream = svc, timeouts { first-byte = 60s, idle = 60s } } ]
            upstreams.svc {
              balancer.type = round-robin
              retry = off
              %2$s
            }
            """
                .formatted(names.port(), upstream));
  }

  private void runWithDiscovery(String name) {
    run(
        """
        discovery { type = dns, name = "%s", refresh = 1s, min-refresh = 1s, timeout = 1s
                    nameservers = [ "127.0.0.1:%d" ] }
        """
            .formatted(name, names.port()));
  }

  @AfterEach
  void stop() {
    try {
      if (sluice != null) {
        sluice.close();
      }
      servers.forEach(Nginx::close);
      names.close();
    } finally {
      Turnstile.leave();
    }
  }

  private void says(String... endpoints) {
    names.says(
        NAME, "A", List.of(endpoints).stream().map(OutageDnsIT::address).toArray(String[]::new));
  }

  private Crowd crowd() {
    return Crowd.start(sluice.port("web"), "/ping", 16, 200);
  }

  private Metrics metrics() {
    return Metrics.read(sluice.adminPort());
  }

  private boolean knows(String endpoint) {
    return metrics().has("sluice_endpoint_up", Map.of("endpoint", address(endpoint) + ":" + port));
  }

  private void awaitKnown(String... endpoints) {
    await("exactly " + List.of(endpoints))
        .atMost(Stage.ALLOWANCE)
        .until(
            () ->
                List.of("a", "b", "c").stream()
                    .allMatch(each -> knows(each) == List.of(endpoints).contains(each)));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void endpointsComeAndGoWithTheAnswersAndNoRequestFails() {
    says("a", "b");
    runWithDiscovery(NAME + ":" + port);
    awaitKnown("a", "b");
    try (Crowd crowd = crowd()) {
      assertThat(crowd.sourcesOfTheNext(200)).containsOnlyKeys("a", "b");
      says("a", "b", "c");
      awaitKnown("a", "b", "c");
      assertThat(crowd.sourcesOfTheNext(200)).containsOnlyKeys("a", "b", "c");
      says("c");
      awaitKnown("c");
      assertThat(crowd.sourcesOfTheNext(200)).containsOnlyKeys("c");
      says("a", "b");
      awaitKnown("a", "b");
      assertThat(crowd.sourcesOfTheNext(200)).containsOnlyKeys("a", "b");
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }

  /** The upload is under way for as long as the test likes. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void anEndpointThatIsGoneEndsWhatItHas() throws Exception {
    says("a");
    runWithDiscovery(NAME + ":" + port);
    awaitKnown("a");
    try (Caller caller = new Caller(sluice.port("web"))) {
      caller.send("PUT", "/upload/x", "x", Nginx.pattern(200_000));
      caller.awaitFirstHalf();
      await("the upload")
          .atMost(Stage.ALLOWANCE)
          .until(() -> metrics().connections("svc", "active") == 1);
      says("b");
      try (Crowd crowd = crowd()) {
        await("a is passed over")
            .atMost(Stage.ALLOWANCE)
            .until(() -> crowd.sourcesOfTheNext(50).keySet().equals(Set.of("b")));
        assertThat(crowd.answers()).containsOnlyKeys("200");
      }
      caller.sendSecondHalf();
      Wire.Message answer = caller.head();
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.header("X-Endpoint")).isEqualTo("a");
    }
    awaitKnown("b");
    await("no connection to it is left")
        .atMost(Stage.ALLOWANCE)
        .until(() -> metrics().connections("svc", "active") == 0);
  }

  /** The endpoints stay, whatever way there is no answer, and the next good one counts. */
  @ParameterizedTest
  @EnumSource(Trouble.class)
  @Execution(ExecutionMode.CONCURRENT)
  void noAnswerIsNoChange(Trouble trouble) {
    says("a", "b");
    runWithDiscovery(NAME + ":" + port);
    awaitKnown("a", "b");
    try (Crowd crowd = crowd()) {
      crowd.awaitMore(50);
      switch (trouble) {
        case NXDOMAIN -> names.forgets(NAME, "A");
        case NO_RECORDS -> says();
        case SERVFAIL -> names.is(NameServer.Mood.FAILS);
        case SILENCE -> names.is(NameServer.Mood.SILENT);
      }
      await("that it was noticed, twice")
          .atMost(Stage.ALLOWANCE)
          .until(
              () -> metrics().sum("sluice_discovery_errors_total", Map.of("upstream", "svc")) >= 2);
      assertThat(knows("a") && knows("b")).isTrue();
      assertThat(crowd.sourcesOfTheNext(100)).containsOnlyKeys("a", "b");
      says("b", "c");
      names.is(NameServer.Mood.ANSWERS);
      awaitKnown("b", "c");
      assertThat(crowd.sourcesOfTheNext(100)).containsOnlyKeys("b", "c");
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }

  /** RFC 2782: weights share, and the next priority serves while there is nothing of the first. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void serviceRecordsGiveWeightsAndPrioritiesAndNoRequestFails() {
    for (String name : List.of("a", "b", "c")) {
      names.says(name + ".example.internal", "A", address(name));
    }
    String a = "1 30 " + port + " a.example.internal.";
    String b = "1 10 " + port + " b.example.internal.";
    String c = "2 10 " + port + " c.example.internal.";
    names.says(SERVICE, "SRV", a, b, c);
    runWithDiscovery(SERVICE);
    awaitKnown("a", "b", "c");
    try (Crowd crowd = crowd()) {
      Map<String, Long> shared = crowd.sourcesOfTheNext(400);
      assertThat(shared).containsOnlyKeys("a", "b");
      assertThat((double) shared.get("a") / shared.get("b")).isBetween(2.5, 3.5);
      names.says(SERVICE, "SRV", c);
      awaitKnown("c");
      assertThat(crowd.sourcesOfTheNext(100)).containsOnlyKeys("c");
      names.says(SERVICE, "SRV", b, c);
      awaitKnown("b", "c");
      assertThat(crowd.sourcesOfTheNext(100)).containsOnlyKeys("b");
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }

  /** One endpoint by name: a new connection goes where the name leads now. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aNameUnderEndpointsIsFollowedWhenConnectionsAreMade() {
    names.says(HOST, "A", address("a"));
    run("endpoints = [ \"" + HOST + ":" + port + "\" ]");
    try (Crowd crowd = crowd()) {
      assertThat(crowd.sourcesOfTheNext(50)).containsOnlyKeys("a");
    }
    names.says(HOST, "A", address("b"));
    servers.get(0).stop();
    await("that the old address is forgotten")
        .atMost(Stage.ALLOWANCE)
        .until(
            () -> {
              try (Crowd probe = Crowd.start(sluice.port("web"), "/ping", 1, 50)) {
                probe.awaitMore(1);
                return probe.answers().containsKey("200");
              }
            });
    try (Crowd crowd = crowd()) {
      assertThat(crowd.sourcesOfTheNext(100)).containsOnlyKeys("b");
      assertThat(crowd.answers()).containsOnlyKeys("200");
    }
  }
}
