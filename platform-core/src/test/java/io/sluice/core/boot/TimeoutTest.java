package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each time limit of docs/resilience.md: what the client gets, not before the limit and long before
 * anything else could end it, and that nothing stays open behind it. Every other limit is an hour.
 */
class TimeoutTest {

  private static final Duration LIMIT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(15);

  @TempDir Path home;
  private final Peer silent = Peer.of(request -> request.content().read());
  private final Peer well = Peer.saying("well");
  private final CountDownLatch gone = new CountDownLatch(1);
  private Running running;
  private long begun;

  @BeforeEach
  void begin() {
    begun = System.nanoTime();
  }

  @AfterEach
  void stop() {
    gone.countDown();
    running.close();
    silent.close();
    well.close();
  }

  private void start(String upstream, String timeouts, String... addresses) {
    String others = "request = 1h, first-byte = 1h, idle = 1h\n";
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + """
                listeners.web.timeouts { header = 1h, idle = 1h, tunnel-idle = 300ms }
                upstreams.app { endpoints = [%s], timeouts.connect = 1h, retry = off }
                upstreams.app { %s }
                routes = [ { upstream = app, timeouts { %s %s } } ]
                """
                    .formatted(
                        String.join(
                            ", ", Arrays.stream(addresses).map(a -> '"' + a + '"').toList()),
                        upstream,
                        others,
                        timeouts));
    begun = System.nanoTime();
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private void tookTheLimit() {
    took(LIMIT);
  }

  private void took(Duration limit) {
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isGreaterThanOrEqualTo(limit.minusMillis(20)) // what the wheel may be early by
        .isLessThan(LONG);
  }

  private static void isError(Caller.Response response, int status, String error) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.headers()).containsEntry("proxy-status", "sluice; error=" + error);
    assertThat(response.body()).contains("\"status\":" + status);
  }

  /** The client is still there, so whatever it has open it has open for its next request. */
  private void nothingStaysOpen(Peer... peers) {
    await()
        .untilAsserted(
            () -> {
              assertThat(app().inFlight()).isZero();
              assertThat(app().pending()).isZero();
              assertThat(running.sum("sluice_upstream_connections{")).isZero();
              for (Peer peer : peers) {
                assertThat(peer.connections()).isZero();
              }
            });
  }

  private void theClientIsCutOff(Caller caller) {
    assertThatThrownBy(() -> caller.in.readAllBytes())
        .as("a response that was cut short must not look whole")
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
    await().untilAsserted(() -> assertThat(running.sum("sluice_downstream_connections{")).isZero());
  }

  @Test
  void aConnectionThatIsNotMade() throws Exception {
    try (Blackhole hole = new Blackhole()) {
      start("timeouts.connect = 300ms", "", "127.0.0.1:" + hole.port());
      try (Caller caller = running.caller()) {
        isError(caller.get("/"), 504, "connection_timeout");
        tookTheLimit();
        nothingStaysOpen();
        assertThat(caller.post("/", "content").status()).as("the connection lasts").isEqualTo(504);
      }
    }
  }

  @Test
  void aHeadThatDoesNotCome() throws Exception {
    start("", "first-byte = 300ms", silent.address());
    try (Caller caller = running.caller()) {
      isError(caller.get("/"), 504, "http_response_timeout");
      tookTheLimit();
      await().untilAsserted(() -> assertThat(silent.lines).hasSize(1));
      nothingStaysOpen(silent);
    }
    assertThat(silent.lines).hasSize(1);
  }

  @Test
  void aHeadIsWaitedForFromTheLastOctetOfTheRequest() throws Exception {
    start("", "first-byte = 2s", well.address());
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("POST", "/", "Content-Length: 4\r\n"));
      for (String octet : new String[] {"a", "b", "c", "d"}) {
        await().pollDelay(600, TimeUnit.MILLISECONDS).until(() -> true);
        caller.send(octet);
      }
      assertThat(caller.receive(false).body()).isEqualTo("well");
    }
  }

  @Test
  void anExchangeThatGetsNowhere() throws Exception {
    start("", "request = 300ms", silent.address());
    try (Caller caller = running.caller()) {
      isError(caller.get("/"), 504, "http_response_timeout");
      tookTheLimit();
      nothingStaysOpen(silent);
    }
  }

  @Test
  void anExchangeWhoseResponseGoesOnAndOn() throws Exception {
    Peer slow =
        Peer.of(
            request -> {
              Peer.write(request, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
              while (gone.getCount() > 0) {
                await().pollDelay(20, TimeUnit.MILLISECONDS).until(() -> true);
                Peer.write(request, "x");
              }
            });
    try (slow) {
      start("", "request = 2s", slow.address()); // in which the response has long begun
      try (Caller caller = running.caller()) {
        caller.send(Caller.request("GET", "/", ""));
        theClientIsCutOff(caller);
        took(Duration.ofSeconds(2));
        nothingStaysOpen(slow);
      }
    }
  }

  @Test
  void aClientThatFallsSilentInItsContentIsToBlameAndNoEndpoint() throws Exception {
    start("retry { attempts = 3 }", "idle = 300ms", silent.address(), well.address());
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("POST", "/", "Content-Length: 10\r\n") + "half");
      Caller.Response response = caller.receive(false);
      assertThat(response.status()).isEqualTo(408);
      assertThat(response.headers()).containsEntry("connection", "close");
      tookTheLimit();
      assertThat(caller.in.read()).isEqualTo(-1);
      await().untilAsserted(() -> assertThat(silent.accepted).hasValue(1));
      nothingStaysOpen(silent);
    }
    assertThat(silent.accepted).hasValue(1);
    assertThat(well.accepted).as("nobody else is asked to wait for the same client").hasValue(0);
    assertThat(running.sum("sluice_attempts_total{"))
        .isEqualTo(1)
        .isEqualTo(
            running.sum(
                "sluice_attempts_total{endpoint=\""
                    + silent.address()
                    + "\",outcome=\"cancelled\""));
  }

  @Test
  void anEndpointThatFallsSilentInItsContent() throws Exception {
    Peer half =
        Peer.of(
            request -> {
              Peer.write(request, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              request.content().read();
            });
    try (half) {
      start("", "idle = 300ms", half.address());
      try (Caller caller = running.caller()) {
        caller.send(Caller.request("GET", "/", ""));
        theClientIsCutOff(caller);
        tookTheLimit();
        nothingStaysOpen(half);
      }
    }
  }

  @Test
  void aTunnelInWhichNobodySpeaks() throws Exception {
    Peer switching =
        Peer.of(
            request -> {
              Peer.write(
                  request,
                  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                      + "Upgrade: websocket\r\n\r\nhello");
              request.content().readAllBytes();
            });
    try (switching) {
      start("", "", switching.address());
      try (Caller caller = running.caller()) {
        caller.send(Caller.request("GET", "/", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
        assertThat(new String(caller.in.readAllBytes(), StandardCharsets.US_ASCII))
            .as("all that was said, and an end")
            .startsWith("HTTP/1.1 101 ")
            .endsWith("hello");
        tookTheLimit();
        nothingStaysOpen(switching);
      }
    }
  }

  @Test
  void aTryOfSeveral() throws Exception {
    start("retry { attempts = 2, per-try = 2s }", "", silent.address(), well.address());
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").body()).isEqualTo("well");
      took(Duration.ofSeconds(2));
      await().untilAsserted(() -> assertThat(silent.lines).hasSize(1));
      await().until(() -> silent.connections() == 0 && app().inFlight() == 0);
    }
    assertThat(silent.lines).hasSize(1);
    assertThat(well.lines).hasSize(1);
  }

  @Test
  void theLastTryOfSeveral() throws Exception {
    Peer other = Peer.of(request -> request.content().read());
    try (other) {
      start("retry { attempts = 2, per-try = 300ms }", "", silent.address(), other.address());
      try (Caller caller = running.caller()) {
        isError(caller.get("/"), 504, "http_response_timeout");
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
            .isGreaterThanOrEqualTo(LIMIT.multipliedBy(2).minusMillis(40));
        await().until(() -> silent.lines.size() + other.lines.size() == 2);
        nothingStaysOpen(silent, other);
      }
      assertThat(silent.lines.size() + other.lines.size()).isEqualTo(2);
    }
  }
}
