package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints that the configuration gives by host name. */
class HostNameEndpointTest {

  private static final int SERVFAIL = 2;

  @TempDir Path home;
  private final NameServer names = new NameServer();
  private final Peer one = Peer.at("127.0.0.1", 0, request -> once(request, "one"));
  private final Peer two = Peer.at("127.0.0.2", one.port(), request -> once(request, "two"));
  private Running running;

  /** Closes the connection behind the answer, so that the next request resolves again. */
  private static void once(Peer.Request request, String text) throws IOException {
    request.body();
    Peer.write(request, "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 3\r\n\r\n" + text);
  }

  private void start(String endpoints, String settings) {
    running =
        Running.start(
            home,
            "runtime { event-loops = 1, nameservers = \""
                + names.address()
                + "\" }\n"
                + Running.COMMON
                + "upstreams.app { endpoints = ["
                + endpoints
                + "]\n"
                + settings
                + " }\nroutes = [ { upstream = app } ]\n");
  }

  private String named(String name) {
    return "\"" + name + ":" + one.port() + "\"";
  }

  private Caller.Response get() throws IOException {
    try (Caller caller = running.caller()) {
      return caller.get("/");
    }
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  @AfterEach
  void stop() {
    running.close();
    one.close();
    two.close();
    names.close();
  }

  @Test
  void aChangedAnswerCountsForNewConnectionsAfterItsTtl() throws Exception {
    names.says("app.test", "127.0.0.1");
    start(named("app.test"), "");
    assertThat(get().body()).isEqualTo("one");
    names.says("app.test", "127.0.0.2");
    await().atMost(Duration.ofSeconds(20)).until(() -> get().body().equals("two"));
  }

  @Test
  void withinTheTtlNobodyIsAsked() throws Exception {
    names.ttl = 600;
    names.says("app.test", "127.0.0.1");
    start(named("app.test"), "");
    assertThat(get().body()).isEqualTo("one");
    int asked = names.questions.size();
    names.says("app.test", "127.0.0.2");
    for (int i = 0; i < 5; i++) {
      assertThat(get().body()).isEqualTo("one");
    }
    assertThat(names.questions).hasSize(asked);
  }

  @Test
  void everyAddressIsUsedInTurn() throws Exception {
    names.ttl = 600;
    names.says("app.test", "127.0.0.1", "127.0.0.2");
    start(named("app.test"), "");
    Set<String> bodies = new HashSet<>();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              bodies.add(get().body());
              return bodies.size() == 2;
            });
  }

  @Test
  void anAddressThatRefusesIsPassedOverWithinTheAttempt() throws Exception {
    two.refuse();
    names.ttl = 600;
    names.says("app.test", "127.0.0.2", "127.0.0.1", "::1", "127.0.0.3");
    start(named("app.test"), "retry = off");
    for (int i = 0; i < 20; i++) {
      assertThat(get().body()).isEqualTo("one");
    }
    assertThat(app().inFlight()).isZero();
    await().until(() -> app().connections() == 0);
  }

  @Test
  void whereEveryAddressRefusesItIsRefused() throws Exception {
    names.says("app.test", "127.0.0.2", "127.0.0.1");
    start(named("app.test"), "retry = off");
    one.refuse();
    two.refuse();
    Caller.Response refused = get();
    assertThat(refused.status()).isEqualTo(502);
    assertThat(refused.headers().get("proxy-status")).contains("connection_refused");
    await().until(() -> app().connections() == 0);
  }

  @Test
  void aNameWithoutAnAddressIsADnsErrorAndTriedElsewhere() throws Exception {
    start(named("nowhere.test"), "");
    Caller.Response failed = get();
    assertThat(failed.status()).isEqualTo(502);
    assertThat(failed.headers().get("proxy-status")).contains("dns_error");
    await().until(() -> app().connections() == 0);
    running.close();

    start(named("nowhere.test") + ", \"" + one.address() + "\"", "");
    for (int i = 0; i < 6; i++) {
      assertThat(get().body()).isEqualTo("one");
    }
  }

  @Test
  void theLastGoodAnswerServesWhileTheNameServerFailsButNotWhenTheNameIsGone() throws Exception {
    names.says("app.test", "127.0.0.1");
    start(named("app.test"), "retry = off");
    assertThat(get().body()).isEqualTo("one");
    int asked = names.questions.size();
    names.failsWith = SERVFAIL;
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              assertThat(get().body()).isEqualTo("one");
              return names.questions.size() > asked;
            });
    assertThat(get().body()).isEqualTo("one");
    names.failsWith = 3;
    await().atMost(Duration.ofSeconds(20)).until(() -> get().status() == 502);
  }

  @Test
  void isReadyOnceANameHasAnAddress() throws Exception {
    start(named("app.test"), "require-at-start = resolved");
    assertThat(app().ready()).isFalse();
    names.says("app.test", "127.0.0.1");
    await().atMost(Duration.ofSeconds(20)).until(() -> app().ready());
  }

  @Test
  void anAddressNeedsNoAnswer() {
    start("\"" + one.address() + "\"", "require-at-start = resolved");
    assertThat(app().ready()).isTrue();
  }
}
