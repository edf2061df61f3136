package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StickinessTest {

  private static final String STICKY = "sticky { type = cookie, name = srv }\n";

  @TempDir Path home;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Peer one = Peer.of(request -> serve(request, "one"));
  private final Peer two = Peer.of(request -> serve(request, "two"));
  private Running running;
  private Caller caller;

  private void serve(Peer.Request request, String name) throws IOException {
    if (request.target().equals("/wait")) {
      try {
        assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    Peer.answer(request, request.target().equals("/" + name) ? 503 : 200, name);
  }

  private String config(String settings, String... endpoints) {
    return "runtime.event-loops = 1\n"
        + Running.COMMON
        + "upstreams.app {\nendpoints = [ "
        + String.join(", ", endpoints)
        + " ]\n"
        + STICKY
        + settings
        + "\n}\nroutes = [ { upstream = app } ]\n";
  }

  private String plain(Peer peer) {
    return '"' + peer.address() + '"';
  }

  private String backup(Peer peer) {
    return "{ address = \"" + peer.address() + "\", backup = true }";
  }

  @BeforeEach
  void start() throws IOException {
    running = Running.start(home, config("", plain(one), plain(two)));
    caller = running.caller();
  }

  @AfterEach
  void stop() throws IOException {
    gate.countDown();
    caller.close();
    running.close();
    one.close();
    two.close();
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private static @Nullable String cookie(Caller.Response response) {
    String line = response.headers().get("set-cookie");
    return line == null ? null : line.substring(0, line.indexOf(';'));
  }

  private Caller.Response with(String cookie) throws IOException {
    return caller.get("/", "Cookie: " + cookie);
  }

  private String cookieOf(String name) throws IOException {
    for (int i = 0; i < 2; i++) {
      Caller.Response response = caller.get("/");
      if (response.body().equals(name)) {
        return String.valueOf(cookie(response));
      }
    }
    throw new AssertionError("nobody answered as " + name);
  }

  private void expectKept(String cookie, String name) throws IOException {
    for (int i = 0; i < 4; i++) {
      Caller.Response response = with(cookie);
      assertThat(response.body()).isEqualTo(name);
      assertThat(response.headers()).doesNotContainKey("set-cookie");
    }
  }

  private void expectMoved(String cookie, String name, String newCookie) throws IOException {
    for (int i = 0; i < 3; i++) {
      Caller.Response response = with(cookie);
      assertThat(response.body()).isEqualTo(name);
      assertThat(cookie(response)).isEqualTo(newCookie);
    }
  }

  private void administer(Peer peer, EndpointState.Admin wish) {
    assertThat(app().administer(peer.address(), wish)).isTrue();
  }

  @Test
  void clientsComeBackAndGetTheCookieOnce() throws Exception {
    Caller.Response first = caller.get("/");
    assertThat(first.headers().get("set-cookie"))
        .matches("srv=[A-Za-z0-9_-]{22}; Path=/; HttpOnly; SameSite=Lax");
    expectKept(String.valueOf(cookie(first)), first.body());
    Set<String> others = new HashSet<>();
    for (String made : List.of("srv=", "srv=" + "A".repeat(22), "srv=127.0.0.1", "other=x")) {
      Caller.Response response = with(made);
      assertThat(cookie(response)).isNotNull();
      others.add(response.body());
    }
    assertThat(others).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void endpointsDoNotSeeTheCookie() throws Exception {
    String cookie = cookieOf("one");
    one.heads.clear();
    with("a=b; " + cookie + "; c=d");
    with(cookie);
    with("a=b");
    assertThat(one.heads).hasSizeGreaterThanOrEqualTo(2);
    assertThat(one.heads.get(0)).containsEntry("cookie", "a=b; c=d");
    assertThat(one.heads.get(1)).doesNotContainKey("cookie");
    assertThat(one.heads).noneMatch(head -> head.toString().contains("srv="));
  }

  @Test
  void drainedEndpointsKeepTheirClientsAndDisabledOnesDoNot() throws Exception {
    String atOne = cookieOf("one");
    String atTwo = cookieOf("two");
    administer(one, EndpointState.Admin.DRAINING);
    expectKept(atOne, "one");
    assertThat(caller.get("/").body()).isEqualTo("two");
    assertThat(caller.get("/").body()).isEqualTo("two");
    administer(one, EndpointState.Admin.DISABLED);
    expectMoved(atOne, "two", atTwo);
    administer(one, EndpointState.Admin.ENABLED);
    expectKept(atOne, "one");
  }

  @Test
  void removedEndpointsAndReloads() throws Exception {
    String atOne = cookieOf("one");
    String atTwo = cookieOf("two");
    running.reload(config("timeouts.connect = 1s", plain(two), plain(one)));
    expectKept(atOne, "one");
    running.reload(config("", plain(two)));
    expectMoved(atOne, "two", atTwo);
    running.reload(config("", plain(one), plain(two)));
    expectKept(atOne, "one");
  }

  @Test
  void whoFailedOrIsFullIsPassedOver() throws Exception {
    running.reload(config("limits.per-endpoint.max-requests = 1", plain(one), plain(two)));
    String atOne = cookieOf("one");
    String atTwo = cookieOf("two");
    Caller.Response failed = caller.get("/one", "Cookie: " + atOne);
    assertThat(failed.status()).isEqualTo(200);
    assertThat(cookie(failed)).isEqualTo(atTwo);
    expectKept(atOne, "one");
    one.lines.clear();
    try (Caller waiting = running.caller()) {
      waiting.send(Caller.request("GET", "/wait", "", "Cookie: " + atOne));
      await().until(() -> !one.lines.isEmpty());
      expectMoved(atOne, "two", atTwo);
      gate.countDown();
      assertThat(waiting.receive(false).headers()).doesNotContainKey("set-cookie");
    }
    expectKept(atOne, "one");
  }

  @Test
  void nobodyStaysAtABackup() throws Exception {
    running.reload(config("", plain(one), backup(two)));
    String atOne = String.valueOf(cookie(caller.get("/")));
    administer(one, EndpointState.Admin.DISABLED);
    String atTwo = String.valueOf(cookie(caller.get("/")));
    expectKept(atTwo, "two");
    administer(one, EndpointState.Admin.ENABLED);
    expectMoved(atTwo, "one", atOne);
  }
}
