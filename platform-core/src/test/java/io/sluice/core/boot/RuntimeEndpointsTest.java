package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes to endpoints by the admin API of a running platform. */
class RuntimeEndpointsTest {

  @TempDir Path home;
  private final Peer one = Peer.saying("one");
  private final Peer two = Peer.saying("two");
  private Running running;
  private AdminCaller admin;

  private String config(String settings, String routes) {
    return "runtime.event-loops = 1\n"
        + Running.COMMON
        + "upstreams.app { endpoints = [\""
        + one.address()
        + "\"], "
        + settings
        + " }\nroutes = ["
        + routes
        + "]\n";
  }

  private void start(String settings) {
    running = Running.start(home, config(settings, "{ upstream = app }"));
    admin = new AdminCaller(running);
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private Set<String> bodies() throws IOException {
    Set<String> bodies = new HashSet<>();
    try (Caller caller = running.caller()) {
      for (int i = 0; i < 4; i++) {
        bodies.add(caller.get("/").body());
      }
    }
    return bodies;
  }

  @AfterEach
  void stop() {
    running.close();
    one.close();
    two.close();
  }

  @Test
  void addsChangesAndRemoves() throws Exception {
    start("");
    assertThat(admin.put(two.address(), "{\"weight\": 2, \"zone\": \"b\"}")).isEqualTo(201);
    assertThat(bodies()).containsExactlyInAnyOrder("one", "two");
    assertThat(app().find(two.address()).weight()).isEqualTo(2);
    assertThat(app().find(two.address()).zone()).isEqualTo("b");
    assertThat(admin.get("/metrics")).contains("endpoint=\"" + two.address() + "\"");

    assertThat(admin.put(two.address(), "{\"weight\": 9}")).isEqualTo(200);
    assertThat(app().find(two.address()).weight()).isEqualTo(9);
    assertThat(app().find(two.address()).zone()).as("left out is unset").isNull();
    assertThat(admin.put(two.address(), "{\"backup\": true}")).isEqualTo(200);
    assertThat(bodies()).containsExactly("one");
    assertThat(admin.put(two.address(), "{\"weight\": 0}")).isEqualTo(400);

    assertThat(admin.delete(one.address())).isEqualTo(200);
    assertThat(bodies()).containsExactly("two");
    await().until(() -> one.connections() == 0);
    assertThat(admin.get("/metrics")).doesNotContain("endpoint=\"" + one.address() + "\"");
    assertThat(admin.delete(two.address())).as("the last one").isEqualTo(422);
    assertThat(admin.delete(one.address())).isEqualTo(404);
    assertThat(admin.put("no%20address", "")).isEqualTo(422);
    assertThat(admin.call("PUT", "/upstreams/other/endpoints/a:1", "").statusCode()).isEqualTo(404);
  }

  @Test
  void anEndpointWithAPathIsChangedByItsId() throws Exception {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app { endpoints = [\"http://"
                + one.address()
                + "/base\"] }\nroutes = [{ upstream = app }]\n");
    admin = new AdminCaller(running);
    String id = one.address() + "/base";
    assertThat(admin.put(id.replace("/", "%2F"), "{\"weight\": 4}")).isEqualTo(200);
    assertThat(app().find(id).weight()).isEqualTo(4);
    assertThat(app().endpoints()).hasSize(1);
  }

  @Test
  void takesOutAndBringsBack() throws Exception {
    start("");
    admin.put(two.address(), "");
    assertThat(bodies()).hasSize(2);
    assertThat(admin.post(two.address(), "disable")).isEqualTo(200);
    assertThat(bodies()).containsExactly("one");
    await().until(() -> two.connections() == 0);
    await().until(() -> app().connections() == 1);
    assertThat(running.sum("sluice_upstream_connections{state=\"idle\"")).isEqualTo(1);
    assertThat(admin.get("/upstreams")).contains("\"state\":\"disabled\"");
    assertThat(admin.post(two.address(), "drain")).isEqualTo(200);
    assertThat(bodies()).containsExactly("one");
    assertThat(admin.post(two.address(), "enable")).isEqualTo(200);
    assertThat(bodies()).hasSize(2);
    assertThat(admin.post("127.0.0.1:1", "enable")).isEqualTo(404);
  }

  @Test
  void surviveAReloadThatLeavesTheUpstreamAsItIs() throws Exception {
    start("");
    admin.put(two.address(), "{\"weight\": 5}");
    admin.delete(one.address());
    assertThat(
            running
                .reload(
                    config("", "{ match { path = \"/new\" }, upstream = app }, { upstream = app }"))
                .ok())
        .isTrue();
    assertThat(bodies()).containsExactly("two");
    assertThat(app().find(two.address()).weight()).isEqualTo(5);
  }

  @Test
  void endWithAReloadThatChangesTheUpstreamExceptForWhatIsDisabled() throws Exception {
    start("");
    admin.put(two.address(), "{\"weight\": 5}");
    admin.put(one.address(), "{\"weight\": 6}");
    admin.post(one.address(), "drain");
    assertThat(running.reload(config("timeouts.connect = 1s", "{ upstream = app }")).ok()).isTrue();
    assertThat(app().endpoints()).extracting(each -> each.id()).isEqualTo(List.of(one.address()));
    assertThat(app().find(one.address()).weight()).isEqualTo(1);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).as("still drained").isEqualTo(503);
    }
    admin.post(one.address(), "enable");
    assertThat(bodies()).containsExactly("one");
  }
}
