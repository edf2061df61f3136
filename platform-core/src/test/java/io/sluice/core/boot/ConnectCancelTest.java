package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a connection that is being made when nobody wants it any longer. */
class ConnectCancelTest {

  @TempDir Path home;
  private final Blackhole hole = new Blackhole();
  private Running running;

  private void start(String settings, String... addresses) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 2\n"
                + Running.COMMON
                + "upstreams.app {\nretry = off, timeouts.connect = 60s\nendpoints = [\""
                + String.join("\",\"", addresses)
                + "\"]\n"
                + settings
                + "\n}\nroutes = [ { upstream = app, timeouts.request = 60s } ]\n");
  }

  @AfterEach
  void stop() {
    running.close();
    hole.close();
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private Caller asking(String target) throws IOException {
    Caller caller = running.caller();
    caller.send(Caller.request("GET", target, ""));
    return caller;
  }

  /** Goes for good: a close alone could be a half-close, after which an answer is still read. */
  private static void leave(Caller caller) throws IOException {
    caller.socket.setSoLinger(true, 0);
    caller.socket.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost"})
  void nothingIsLeftOfItWhenItsOnlyClientLeaves(String host) throws Exception {
    start("", host + ":" + hole.port());
    try (Caller first = asking("/");
        Caller second = asking("/")) {
      await().until(() -> hole.knocking() == 2);
      assertThat(app().connections()).isEqualTo(2);
      leave(first);
      await().until(() -> hole.knocking() == 1);
      await().until(() -> app().connections() == 1 && app().inFlight() == 1);
      leave(second);
      await().until(() -> hole.knocking() == 0);
    }
    await().until(() -> app().connections() == 0 && app().inFlight() == 0);
  }

  @Test
  void anAttemptWhoseTimeIsUpLeavesNothingEither() throws Exception {
    start("retry { type = standard, attempts = 1, per-try = 300ms }", "127.0.0.1:" + hole.port());
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(504);
      await().until(() -> hole.knocking() == 0);
    }
    await().until(() -> app().connections() == 0);
  }

  @Test
  void whoeverQueuesForThatEndpointTakesItOver() throws Exception {
    start(
        "limits { max-connections = 1, max-pending = 8, pending-timeout = 60s }",
        "127.0.0.1:" + hole.port());
    try (Caller first = asking("/")) {
      await().until(() -> hole.knocking() == 1);
      // one for each loop: at least one of them can take it over
      try (Caller second = asking("/");
          Caller third = asking("/")) {
        await().until(() -> app().pending() == 2);
        leave(first);
        await().until(() -> app().pending() == 1);
        assertThat(app().connections()).isEqualTo(1);
        hole.wake();
        assertThat(second.receive(false).body()).isEqualTo("back");
        leave(second);
        assertThat(third.receive(false).body()).isEqualTo("back");
      }
    }
  }

  @Test
  void atAnEndpointsOwnBoundIdleConnectionsToOthersAreLeftAlone() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (Peer one = Peer.of(request -> answerAfter(gate, request));
        Peer two = Peer.saying("two")) {
      start(
          "limits { per-endpoint.max-connections = 1, pending-timeout = 60s }",
          one.address(),
          two.address());
      String first = app().endpoints().get(0).id();
      String second = app().endpoints().get(1).id();
      app().administer(first, EndpointState.Admin.DRAINING);
      try (Caller idle = running.caller()) {
        assertThat(idle.get("/").body()).isEqualTo("two");
        app().administer(first, EndpointState.Admin.ENABLED);
        app().administer(second, EndpointState.Admin.DRAINING);
        try (Caller a = asking("/");
            Caller b = asking("/");
            Caller c = asking("/")) { // of which at least one is on the loop of the idle one
          await().until(() -> app().pending() == 2 && one.lines.size() == 1);
          gate.countDown();
          for (Caller caller : new Caller[] {a, b, c}) {
            assertThat(caller.receive(false).body()).isEqualTo("one");
          }
        }
        assertThat(two.connections()).isEqualTo(1);
        app().administer(second, EndpointState.Admin.ENABLED);
        app().administer(first, EndpointState.Admin.DRAINING);
        assertThat(idle.get("/").body()).isEqualTo("two");
        assertThat(two.accepted.get()).isEqualTo(1);
      }
    }
  }

  private static void answerAfter(CountDownLatch gate, Peer.Request request) throws IOException {
    try {
      if (!gate.await(20, TimeUnit.SECONDS)) {
        throw new IOException("the gate stayed closed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Peer.answer(request, 200, "one");
  }
}
