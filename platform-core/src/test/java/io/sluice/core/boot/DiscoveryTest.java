package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {

  @TempDir Path home;
  private final ScriptedDiscovery discovery = new ScriptedDiscovery();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Peer one = Peer.of(request -> serve(request, "one"));
  private final Peer two = Peer.of(request -> serve(request, "two"));
  private Running running;
  private AdminCaller admin;

  private void serve(Peer.Request request, String name) throws IOException {
    if (request.target().equals("/wait")) {
      try {
        if (!gate.await(20, TimeUnit.SECONDS)) {
          throw new IOException("the gate stayed closed");
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    Peer.answer(request, 200, name);
  }

  private static String config(String settings) {
    return "runtime.event-loops = 2\n"
        + Running.COMMON
        + "upstreams.app { "
        + settings
        + " }\nroutes = [ { upstream = app } ]\n";
  }

  private void start(String settings) {
    running = Running.start(home, config(settings), discovery);
    admin = new AdminCaller(running);
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private Set<String> bodies(int requests) throws IOException {
    Set<String> bodies = new HashSet<>();
    try (Caller caller = running.caller()) {
      for (int i = 0; i < requests; i++) {
        bodies.add(caller.get("/").body());
      }
    }
    return bodies;
  }

  private void awaitEndpoints(int count) {
    await().until(() -> app().endpoints().size() == count);
  }

  @AfterEach
  void stop() {
    gate.countDown();
    running.close();
    one.close();
    two.close();
  }

  @Test
  void servesWhatIsFoundAndIsReadyOnceSomethingIs() throws Exception {
    start("discovery { type = scripted }, require-at-start = resolved");
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(503);
    }
    assertThat(admin.call("GET", "/health/ready", "").statusCode()).isEqualTo(503);
    discovery.latest().onEndpoints(List.of());
    await().until(() -> !admin.meter("sluice_discovery_last_answer_timestamp_seconds").equals("0"));
    assertThat(app().ready()).isFalse();
    discovery.finds(one, two);
    awaitEndpoints(2);
    assertThat(bodies(4)).containsExactlyInAnyOrder("one", "two");
    assertThat(admin.call("GET", "/health/ready", "").statusCode()).isEqualTo(200);
    assertThat(admin.meter("sluice_discovery_endpoints{upstream=\"app\"}")).startsWith("2");
  }

  @Test
  void oneThatIsGoneFinishesWhatItHasAndLeavesNothingBehind() throws Exception {
    start("discovery { type = scripted }");
    discovery.finds(one);
    awaitEndpoints(1);
    EndpointState gone = app().endpoints().get(0);
    try (Caller idle = running.caller();
        Caller waiting = running.caller()) {
      waiting.send(Caller.request("GET", "/wait", ""));
      await().until(() -> one.lines.size() == 1);
      assertThat(idle.get("/").body()).isEqualTo("one");
      assertThat(one.connections()).isEqualTo(2);
      discovery.finds(two);
      await().until(() -> app().find(gone.id()) == null);
      await().until(() -> one.connections() == 1);
      assertThat(bodies(4)).containsExactly("two");
      assertThat(admin.get("/metrics")).doesNotContain("endpoint=\"" + gone.id() + "\"");
      gate.countDown();
      assertThat(waiting.receive(false).body()).isEqualTo("one");
      await().until(() -> one.connections() == 0);
      assertThat(gone.activeRequests()).isZero();
      await().until(() -> gone.openConnections() == 0);
    }
  }

  @Test
  void troubleIsCountedAndShownAndChangesNothing() throws Exception {
    start("discovery { type = scripted }");
    discovery.finds(one);
    awaitEndpoints(1);
    discovery.latest().onError("the name server is away", new IOException("away"));
    discovery.latest().onError("the name server is away", null);
    await().until(() -> admin.get("/upstreams").contains("the name server is away"));
    assertThat(admin.get("/upstreams"))
        .contains("\"discovery\":{\"type\":\"scripted\",\"endpoints\":1,\"lastAnswer\":\"20");
    assertThat(admin.meter("sluice_discovery_errors_total{upstream=\"app\"}")).startsWith("2");
    assertThat(bodies(2)).containsExactly("one");
    discovery.finds(one);
    await().until(() -> admin.get("/upstreams").contains("\"problem\":null"));
  }

  @Test
  void oneAddressFoundTwiceIsOneEndpoint() throws Exception {
    start("discovery { type = scripted }");
    discovery
        .latest()
        .onEndpoints(
            List.of(
                new EndpointSpec("127.0.0.1", one.port(), 3, "a", 0),
                new EndpointSpec("127.0.0.1", one.port(), 1, "b", 1)));
    awaitEndpoints(1);
    assertThat(app().endpoints().get(0).weight()).isEqualTo(3);
    assertThat(app().endpoints().get(0).zone()).isEqualTo("a");
  }

  @Test
  void aHigherPriorityServesOnlyWhileNoLowerOneCan() throws Exception {
    start("discovery { type = scripted }");
    discovery
        .latest()
        .onEndpoints(
            List.of(
                new EndpointSpec("127.0.0.1", two.port(), 1, null, 7),
                new EndpointSpec("127.0.0.1", one.port(), 1, null, 2)));
    awaitEndpoints(2);
    assertThat(bodies(4)).containsExactly("one");
    admin.post(one.address(), "disable");
    assertThat(bodies(4)).containsExactly("two");
  }

  @Test
  void aNewConfigurationServesWithWhatWasKnownUntilItFindsMore() throws Exception {
    start("discovery { type = scripted }, require-at-start = resolved");
    discovery.finds(one);
    awaitEndpoints(1);
    EndpointState before = app().endpoints().get(0);
    assertThat(
            running
                .reload(
                    config("discovery { type = scripted, tag = b }, require-at-start = resolved"))
                .ok())
        .isTrue();
    assertThat(discovery.listeners).hasSize(2);
    assertThat(bodies(2)).containsExactly("one");
    assertThat(app().ready()).isTrue();
    assertThat(app().endpoints().get(0)).isSameAs(before);
    assertThat(admin.get("/metrics")).contains("endpoint=\"" + one.address() + "\"");
    // Who was replaced is not listened to any longer.
    discovery.listeners.get(0).onEndpoints(List.of(ScriptedDiscovery.spec(two)));
    discovery.listeners.get(0).onError("late", null);
    await().until(() -> discovery.closed.get() == 1);
    assertThat(bodies(2)).containsExactly("one");
    discovery.finds(two);
    await().untilAsserted(() -> assertThat(bodies(2)).containsExactly("two"));
    assertThat(running.reload(config("endpoints = [\"" + one.address() + "\"]")).ok()).isTrue();
    assertThat(bodies(2)).containsExactly("one");
    await().until(() -> discovery.closed.get() == 2);
  }

  @Test
  void whatAnOperatorDisabledStaysSoWhenItComesBack() throws Exception {
    start("discovery { type = scripted }");
    discovery.finds(one, two);
    awaitEndpoints(2);
    assertThat(admin.post(one.address(), "disable")).isEqualTo(200);
    discovery.finds(two);
    awaitEndpoints(1);
    discovery.finds(one, two);
    awaitEndpoints(2);
    assertThat(bodies(4)).containsExactly("two");
    running.reload(config("discovery { type = scripted, tag = b }"));
    assertThat(bodies(4)).containsExactly("two");
    assertThat(admin.post(one.address(), "enable")).isEqualTo(200);
    assertThat(bodies(4)).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void theWordOfAnOperatorCountsMoreThanThatOfDiscovery() throws Exception {
    start("discovery { type = scripted }");
    discovery.finds(one);
    awaitEndpoints(1);
    // A weight: discovery does not put it back.
    assertThat(admin.put(one.address(), "{\"weight\": 7}")).isEqualTo(200);
    discovery.latest().onEndpoints(List.of(new EndpointSpec("127.0.0.1", one.port(), 2, "z", 0)));
    await().until(() -> admin.meter("sluice_discovery_endpoints").startsWith("1"));
    assertThat(app().find(one.address()).weight()).isEqualTo(7);
    // One that discovery does not know.
    assertThat(admin.put(two.address(), "")).isEqualTo(201);
    discovery.finds(one);
    assertThat(bodies(4)).containsExactlyInAnyOrder("one", "two");
    // One that discovery insists on.
    assertThat(admin.delete(one.address())).isEqualTo(200);
    discovery.latest().onEndpoints(List.of(new EndpointSpec("127.0.0.1", one.port(), 3, "z", 0)));
    discovery.finds(one, two);
    await().until(() -> admin.meter("sluice_discovery_endpoints").startsWith("2"));
    assertThat(bodies(4)).containsExactly("two");
    // Another block: the file and discovery are the latest word.
    running.reload(config("discovery { type = scripted, tag = b }"));
    discovery.finds(one);
    await().untilAsserted(() -> assertThat(bodies(4)).containsExactly("one"));
    assertThat(app().find(one.address()).weight()).isEqualTo(1);
  }

  @Test
  void anEndpointIsCalledAsDiscoverySaysWhateverAnOperatorMakesOfItsWeight() throws Exception {
    Peer named = Peer.of(request -> Peer.answer(request, 200, request.headers().get("host")));
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app { discovery { type = scripted } }\n"
                + "routes = [ { upstream = app, rewrite.host = upstream } ]\n",
            discovery);
    admin = new AdminCaller(running);
    discovery.latest().onEndpoints(List.of(ScriptedDiscovery.spec(named).named("One.example.com")));
    awaitEndpoints(1);
    String id = app().endpoints().get(0).id();

    assertThat(id).isEqualTo("127.0.0.1:" + named.port());
    assertThat(bodies(1)).containsExactly("one.example.com:" + named.port());
    assertThat(admin.get("/upstreams")).contains("\"host\":\"one.example.com\"");

    admin.call("PUT", "/upstreams/app/endpoints/" + id, "{\"weight\": 3}");

    assertThat(app().endpoints().get(0).weight()).isEqualTo(3);
    assertThat(bodies(1)).containsExactly("one.example.com:" + named.port());
    named.close();
  }
}
