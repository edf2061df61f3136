package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.api.upstream.OutlierDetectorFactory;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpstreamLifeTest {

  @TempDir Path home;
  private final Set<Integer> sick = ConcurrentHashMap.newKeySet();
  private final AtomicReference<OutlierDetector.Ejector> ejector = new AtomicReference<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Peer one = Peer.of(request -> serve(request, "one"));
  private final Peer two = Peer.of(request -> serve(request, "two"));
  private final Peer three = Peer.of(request -> serve(request, "three"));
  private Running running;

  private void serve(Peer.Request request, String name) throws IOException {
    if (request.target().equals("/wait")) {
      pass();
    }
    if (request.target().equals("/hangs")) {
      request.content().read();
      return;
    }
    Peer.answer(request, request.target().equals("/" + name) ? 503 : 200, name);
  }

  private void pass() throws IOException {
    try {
      if (!gate.await(20, TimeUnit.SECONDS)) {
        throw new IOException("the gate stayed closed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

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
      return target ->
          CompletableFuture.completedFuture(
              new HealthCheck.Verdict(!sick.contains(target.endpoint().port()), "told"));
    }
  }

  private final class Handing implements OutlierDetectorFactory {
    @Override
    public String type() {
      return "handing";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public OutlierDetector create(ConfigSection config, PluginContext context) {
      return new OutlierDetector() {
        @Override
        public void start(Ejector given) {
          ejector.set(given);
        }

        @Override
        public void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {
          // decides nothing by itself
        }
      };
    }
  }

  private String config(String settings, Peer... peers) {
    List<String> addresses = new ArrayList<>();
    for (Peer peer : peers) {
      addresses.add('"' + peer.address() + '"');
    }
    return "runtime.event-loops = 2\n"
        + Running.COMMON
        + "upstreams.app {\nendpoints = "
        + addresses
        + "\n"
        + settings
        + "\n}\nroutes = [ { upstream = app } ]\n";
  }

  private void start(String settings, Peer... peers) {
    running = Running.start(home, config(settings, peers), new Told(), new Handing());
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  @AfterEach
  void stop() {
    gate.countDown();
    running.close();
    one.close();
    two.close();
    three.close();
  }

  private Caller waiting() throws IOException {
    Caller caller = running.caller();
    caller.send(Caller.request("GET", "/wait", ""));
    return caller;
  }

  @Test
  void aRetryGoesToAnEndpointNotTriedYet() throws Exception {
    start("retry { type = standard, wait = 20ms }", one, two);
    try (Caller caller = running.caller()) {
      for (int i = 0; i < 20; i++) {
        assertThat(caller.get("/one").body()).isEqualTo("two");
      }
    }
    assertThat(two.lines).hasSize(20);
    assertThat(one.lines.size()).isBetween(9, 20);
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void theBudgetIsAskedForEachRetry() throws Exception {
    start("retry { type = standard, budget = 2 }", one);
    try (Caller caller = running.caller()) {
      for (int i = 0; i < 5; i++) {
        assertThat(caller.get("/one").status()).isEqualTo(503);
      }
    }
    assertThat(one.lines).hasSize(7);
  }

  @Test
  void anAttemptHasATimeLimitOfItsOwn() throws Exception {
    start("retry { type = standard, attempts = 2, per-try = 1s }", one);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/hangs").status()).isEqualTo(504);
      assertThat(caller.get("/").body()).isEqualTo("one");
    }
    await()
        .untilAsserted(
            () -> assertThat(one.lines).filteredOn(line -> line.contains("/hangs")).hasSize(2));
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void whoWaitsAtTheBoundIsServedOrTurnedAway() throws Exception {
    start("limits { max-connections = 1, max-pending = 1, pending-timeout = 60s }", one);
    try (Caller first = waiting()) {
      await().until(() -> one.lines.size() == 1);
      try (Caller second = waiting()) {
        await().until(() -> app().pending() == 1);
        try (Caller third = running.caller()) {
          Caller.Response refused = third.get("/");
          assertThat(refused.status()).isEqualTo(503);
          assertThat(refused.headers()).containsKey("retry-after");
        }
        gate.countDown();
        assertThat(first.receive(false).status()).isEqualTo(200);
        assertThat(second.receive(false).status()).isEqualTo(200);
      }
    }
    assertThat(app().pending()).isZero();
    assertThat(app().inFlight()).isZero();
    assertThat(app().connections()).isLessThanOrEqualTo(1);
  }

  @Test
  void waitingHasALimit() throws Exception {
    start(
        "retry = off\nlimits { max-connections = 1, max-pending = 1, pending-timeout = 300ms }",
        one);
    try (Caller first = waiting()) {
      await().until(() -> one.lines.size() == 1);
      try (Caller late = running.caller()) {
        assertThat(late.get("/").status()).isEqualTo(503);
      }
      gate.countDown();
      assertThat(first.receive(false).status()).isEqualTo(200);
    }
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void whoLeavesFreesItsPlace() throws Exception {
    start(
        "retry = off\nlimits { max-connections = 1, max-pending = 1, pending-timeout = 60s }", one);
    try (Caller first = waiting()) {
      await().until(() -> one.lines.size() == 1);
      try (Caller leaving = waiting()) {
        await().until(() -> app().pending() == 1);
        leaving.socket.setSoLinger(true, 0);
      }
      await().until(() -> app().pending() == 0 && app().inFlight() == 1);
      gate.countDown();
      assertThat(first.receive(false).status()).isEqualTo(200);
    }
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void attemptsAreBoundedInAllAndByEndpoint() throws Exception {
    start("retry = off\nlimits { max-requests = 2, per-endpoint.max-requests = 1 }", one, two);
    try (Caller first = waiting();
        Caller second = waiting();
        Caller third = running.caller()) {
      await().until(() -> one.lines.size() == 1 && two.lines.size() == 1);
      assertThat(third.get("/").status()).isEqualTo(503);
      gate.countDown();
      assertThat(first.receive(false).status()).isEqualTo(200);
      assertThat(second.receive(false).status()).isEqualTo(200);
      assertThat(third.get("/").status()).isEqualTo(200);
    }
    assertThat(running.sum("sluice_limit_rejections_total{limit=\"max-requests\"")).isEqualTo(1);
  }

  @Test
  void nobodyWaitsAtAnEndpointWhoseConnectionsAreInUseWhileAnotherIsFree() throws Exception {
    start("limits { per-endpoint.max-connections = 1, pending-timeout = 60s }", one, two);
    try (Caller first = waiting();
        Caller other = running.caller()) {
      await().until(() -> one.lines.size() == 1);
      for (int i = 0; i < 6; i++) {
        assertThat(other.get("/").body()).isEqualTo("two");
      }
      assertThat(app().pending()).isZero();
      try (Caller second = waiting();
          Caller third = waiting()) {
        await().until(() -> two.lines.size() == 7 && app().pending() == 1);
        gate.countDown();
        assertThat(first.receive(false).status()).isEqualTo(200);
        assertThat(second.receive(false).status()).isEqualTo(200);
        assertThat(third.receive(false).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void theOtherLoopGivesUpAnIdleConnectionAtTheBound() throws Exception {
    start("limits { max-connections = 1, max-pending = 10 }", one);
    try (Caller a = running.caller();
        Caller b = running.caller();
        Caller c = running.caller();
        Caller d = running.caller()) {
      for (int i = 0; i < 50; i++) {
        assertThat(a.get("/").status()).isEqualTo(200);
        assertThat(b.get("/").status()).isEqualTo(200);
        assertThat(c.get("/").status()).isEqualTo(200);
        assertThat(d.get("/").status()).isEqualTo(200);
      }
    }
    assertThat(app().connections()).isEqualTo(1);
  }

  @Test
  void healthDecidesWhoServesAndWhetherItIsReady() throws Exception {
    sick.add(port(one));
    sick.add(port(two));
    String health =
        "require-at-start = healthy\nhealth-check { type = told, interval = 10ms, healthy = 2,"
            + " unhealthy = 2, initial = unhealthy }";
    start(health, one, two);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(503);
      assertThat(app().ready()).isFalse();
      sick.remove(port(two));
      await().until(() -> app().ready());
      assertThat(caller.get("/").body()).isEqualTo("two");
      // Another upstream of the same endpoints goes on where the one before left off.
      running.reload(config(health + "\ntimeouts.connect = 1s", one, two));
      assertThat(caller.get("/").body()).isEqualTo("two");
      sick.add(port(two));
      await().until(() -> !app().ready());
      assertThat(caller.get("/").status()).isEqualTo(503);
      sick.clear();
      await().until(() -> app().eligible() == 2);
      sick.add(port(one));
      await().until(() -> app().eligible() == 1);
      running.reload(config("", one, two));
      assertThat(app().eligible()).isEqualTo(2);
    }
  }

  private static int port(Peer peer) {
    return Integer.parseInt(peer.address().split(":")[1]);
  }

  @Test
  void ejectionsKeepToTheirBounds() throws Exception {
    start("outlier-detection { type = handing, max-ejected = 40% }", one, two, three);
    List<EndpointState> all = app().endpoints();
    assertThat(ejector.get().eject(all.get(0), Duration.ofMinutes(1), "as asked")).isTrue();
    assertThat(ejector.get().eject(all.get(0), Duration.ofMinutes(1), "twice")).isFalse();
    assertThat(ejector.get().eject(all.get(1), Duration.ofMinutes(1), "too many")).isFalse();
    await().until(() -> app().eligible() == 2);
    ejector.get().restore(all.get(0));
    await().until(() -> app().eligible() == 3);
    assertThat(ejector.get().eject(all.get(1), Duration.ofMillis(50), "for a while")).isTrue();
    await().until(() -> ejector.get().ejected() == 0 && app().eligible() == 3);
  }

  @Test
  void anEjectionThatWasLiftedEarlyDoesNotShortenTheNext() throws Exception {
    start("outlier-detection { type = handing }", one, two);
    EndpointState first = app().endpoints().get(0);
    ejector.get().eject(first, Duration.ofMillis(200), "for a while");
    ejector.get().restore(first);
    ejector.get().eject(first, Duration.ofMinutes(1), "for long");
    await().pollDelay(Duration.ofMillis(400)).until(() -> true);
    assertThat(first.ejected()).isTrue();
  }

  @Test
  void slowStartIsOverWithTheBlockThatAskedForIt() throws Exception {
    start("slow-start = 3s", one, two);
    EndpointState second = app().endpoints().get(1);
    app().administer(second.id(), EndpointState.Admin.DISABLED);
    await().pollDelay(Duration.ofMillis(1500)).until(() -> app().eligible() == 1);
    app().administer(second.id(), EndpointState.Admin.ENABLED);
    assertThat(second.effectiveWeight()).isLessThan(0.5);
    running.reload(config("", one, two));
    assertThat(second.effectiveWeight()).isEqualTo(1);
    await().pollDelay(Duration.ofMillis(400)).until(() -> true); // several of its steps
    assertThat(second.effectiveWeight()).isEqualTo(1);
  }

  @Test
  void anEjectionOutlivesAReloadByWhatItHadLeft() throws Exception {
    String detection = "outlier-detection { type = handing }";
    start(detection, one, two);
    EndpointState first = app().endpoints().get(0);
    ejector.get().eject(first, Duration.ofSeconds(4), "slow");
    Instant until = first.ejection().until();
    running.reload(config(detection + "\ntimeouts.connect = 1s", one, two));
    assertThat(app().endpoints().get(0)).isSameAs(first);
    assertThat(first.ejection().until()).isEqualTo(until);
    assertThat(first.ejection().reason()).isEqualTo("slow");
    await().until(() -> app().eligible() == 2);
    assertThat(Instant.now()).isAfterOrEqualTo(until);
    ejector.get().eject(first, Duration.ofHours(1), "slow");
    running.reload(config("", one, two));
    assertThat(first.ejected()).isFalse();
  }

  @Test
  void anEjectionNeverTakesTheLastThatServes() throws Exception {
    start("outlier-detection { type = handing, max-ejected = 100% }", one, two, three);
    List<EndpointState> all = app().endpoints();
    app().administer(all.get(2).id(), EndpointState.Admin.DISABLED);
    assertThat(ejector.get().eject(all.get(0), Duration.ofHours(1), "slow")).isTrue();
    assertThat(ejector.get().eject(all.get(1), Duration.ofHours(1), "slow")).isFalse();
    // When the last one goes for another reason, a suspect is better than nobody.
    app().administer(all.get(1).id(), EndpointState.Admin.DISABLED);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("one");
    }
    assertThat(running.sum("sluice_ejections_total")).isEqualTo(1);
    assertThat(running.sum("sluice_ejections_refused_total")).isEqualTo(1);
  }

  @Test
  void withoutAQueueAnIdleConnectionIsStillTakenFromAnotherEndpointAndLoop() throws Exception {
    start("retry = off\nlimits { max-connections = 1, max-pending = 0 }", one, two);
    List<Caller> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) { // two for each loop
      callers.add(running.caller());
    }
    for (int i = 0; i < 40; i++) { // endpoints in turn, loops in pairs of turns
      assertThat(callers.get(i % 4).get("/").status()).isEqualTo(200);
      assertThat(callers.get((i / 4) % 4).get("/").status()).isEqualTo(200);
    }
    await().until(() -> app().connections() == 1);
    assertThat(app().pending()).isZero();
    assertThat(running.sum("sluice_limit_rejections_total")).isZero();
    for (Caller caller : callers) {
      caller.close();
    }
  }

  @Test
  void withoutAQueueNobodyWaitsForABusyConnection() throws Exception {
    start("retry = off\nlimits { max-connections = 1, max-pending = 0 }", one);
    try (Caller busy = waiting();
        Caller late = running.caller()) {
      await().until(() -> one.lines.size() == 1);
      assertThat(late.get("/").status()).isEqualTo(503);
      gate.countDown();
      assertThat(busy.receive(false).status()).isEqualTo(200);
      assertThat(late.get("/").status()).isEqualTo(200);
    }
    assertThat(running.sum("sluice_limit_rejections_total{limit=\"max-pending\"")).isEqualTo(1);
  }

  @Test
  void anEndpointAtItsOwnBoundTurnsNobodyAwayWhileAnotherIsFree() throws Exception {
    start("retry = off\nlimits { max-pending = 0, per-endpoint.max-connections = 1 }", one, two);
    try (Caller busy = waiting();
        Caller a = running.caller();
        Caller b = running.caller()) {
      await().until(() -> one.lines.size() + two.lines.size() == 1);
      int refused = 0;
      for (int i = 0; i < 10; i++) {
        refused += a.get("/").status() == 503 ? 1 : 0;
        refused += b.get("/").status() == 503 ? 1 : 0;
      }
      assertThat(refused).isZero(); // the turn of the one that is full passes to the other
      gate.countDown();
      assertThat(busy.receive(false).status()).isEqualTo(200);
    }
  }

  /** A loop may be busy for longer than anyone would guess: it is asked, not timed. */
  @Test
  void whatAnotherLoopHasIdleIsGivenUpHoweverLateItsTurnComes() throws Exception {
    start("retry = off\nlimits { max-pending = 0, per-endpoint.max-connections = 1 }", one);
    List<Caller> callers = new ArrayList<>();
    try {
      for (int i = 0; i < 6; i++) { // some of them next to one of the other loop
        callers.add(running.caller());
      }
      for (LoopContext busy : running.platform.loops().contexts()) {
        for (Caller caller : callers) {
          assertThat(caller.get("/").status()).isEqualTo(200);
          busy.loop().execute(UpstreamLifeTest::beBusy);
        }
      }
    } finally {
      for (Caller caller : callers) {
        caller.close();
      }
    }
  }

  private static void beBusy() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(400);
    while (System.nanoTime() < end) {
      // not even a hint to the processor: BlockHound takes that for blocking
    }
  }

  @Test
  void operatorsTakeEndpointsOutAndBack() throws Exception {
    start("", one, two);
    String id = app().endpoints().get(0).id();
    try (Caller caller = running.caller()) {
      for (EndpointState.Admin wish :
          List.of(EndpointState.Admin.DISABLED, EndpointState.Admin.DRAINING)) {
        assertThat(app().administer(id, wish)).isTrue();
        for (int i = 0; i < 4; i++) {
          assertThat(caller.get("/").body()).isEqualTo("two");
        }
      }
      app().administer(id, EndpointState.Admin.ENABLED);
      assertThat(List.of(caller.get("/").body(), caller.get("/").body()))
          .containsExactlyInAnyOrder("one", "two");
      assertThat(app().administer("10.9.9.9:1", EndpointState.Admin.ENABLED)).isFalse();
      assertThat(app().remove(id)).isTrue();
      assertThat(app().remove(id)).isFalse();
      assertThat(caller.get("/").body()).isEqualTo("two");
      assertThat(caller.get("/").body()).isEqualTo("two");
      await().until(() -> one.connections() == 0);
    }
  }
}
