package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.CircuitBreakerFactory;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What limiter and breaker hear, and what clients hear of them. */
class AdmissionTest {

  @TempDir Path home;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger permits = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Peer peer = Peer.of(this::serve);
  private volatile boolean open;
  private volatile int limit = 100;
  private Running running;

  private void serve(Peer.Request request) throws IOException {
    switch (request.target()) {
      case "/wait" -> {
        try {
          assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        Peer.answer(request, 200, "fine");
      }
      case "/upgrade" -> {
        Peer.write(
            request,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        request.content().read();
      }
      case "/closes" -> request.answer().close();
      default -> Peer.answer(request, Integer.parseInt(request.target().substring(1)), "said");
    }
  }

  private final class Limiters implements ConcurrencyLimiterFactory {
    @Override
    public String type() {
      return "telling";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public ConcurrencyLimiter create(ConfigSection config, PluginContext context) {
      return new ConcurrencyLimiter() {
        @Override
        public boolean tryAcquire(int priority) {
          if (permits.get() >= limit) {
            return false;
          }
          permits.incrementAndGet();
          return true;
        }

        @Override
        public void onSuccess(long nanos, int inFlightAtStart) {
          permits.decrementAndGet();
          told.add("success with " + inFlightAtStart + (nanos > 0 ? "" : " in no time"));
        }

        @Override
        public void onDropped() {
          permits.decrementAndGet();
          told.add("dropped");
        }

        @Override
        public void onIgnored() {
          permits.decrementAndGet();
          told.add("ignored");
        }

        @Override
        public int limit() {
          return limit;
        }

        @Override
        public int inFlight() {
          return permits.get();
        }
      };
    }
  }

  private final class Breakers implements CircuitBreakerFactory {
    @Override
    public String type() {
      return "told";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public CircuitBreaker create(ConfigSection config, PluginContext context) {
      return new CircuitBreaker() {
        @Override
        public long tryPass() {
          return open ? REFUSED : 4711;
        }

        @Override
        public void onAttemptEnd(long pass, AttemptOutcome outcome) {
          told.add(pass + (outcome.failed() ? " failed" : " ended"));
        }

        @Override
        public State state() {
          return open ? State.OPEN : State.CLOSED;
        }

        @Override
        public long retryAfterNanos() {
          return TimeUnit.MILLISECONDS.toNanos(12_300);
        }
      };
    }
  }

  private void start(String policies) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app { endpoints = [\""
                + peer.address()
                + "\"], retry = off, "
                + policies
                + " }\nroutes = [ { upstream = app } ]\n",
            new Limiters(),
            new Breakers());
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  @AfterEach
  void stop() {
    gate.countDown();
    running.close();
    peer.close();
  }

  @Test
  void anOpenCircuitSaysWhenToComeBack() throws Exception {
    start("circuit-breaker { type = told }");
    open = true;
    try (Caller caller = running.caller()) {
      Caller.Response refused = caller.get("/200");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers())
          .containsEntry("retry-after", "13")
          .containsEntry("proxy-status", "sluice; error=destination_unavailable");
      assertThat(refused.body()).contains("circuit_open");
      open = false;
      assertThat(caller.get("/200").status()).isEqualTo(200);
    }
    assertThat(told).containsExactly("4711 ended");
    assertThat(running.sum("sluice_limit_rejections_total{limit=\"circuit-breaker\"")).isEqualTo(1);
  }

  @Test
  void aLimiterThatShedsIsToldOfInAMoment() throws Exception {
    start("concurrency-limiter { type = telling }");
    limit = 0;
    try (Caller caller = running.caller()) {
      Caller.Response refused = caller.get("/200");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers())
          .containsEntry("retry-after", "1")
          .containsEntry("proxy-status", "sluice; error=connection_limit_reached");
    }
    assertThat(told).isEmpty();
    assertThat(running.sum("sluice_limit_rejections_total{limit=\"concurrency-limiter\""))
        .isEqualTo(1);
  }

  @Test
  void aRefusalByTheBreakerGivesTheLimitersPermitBack() throws Exception {
    start("concurrency-limiter { type = telling }, circuit-breaker { type = told }");
    open = true;
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/200").status()).isEqualTo(503);
    }
    assertThat(told).containsExactly("ignored");
    assertThat(permits).hasValue(0);
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void theLimiterHearsHowManyWereInFlightWhenTheAttemptBegan() throws Exception {
    start("concurrency-limiter { type = telling }");
    try (Caller first = running.caller();
        Caller second = running.caller()) {
      first.send(Caller.request("GET", "/wait", ""));
      await().until(() -> permits.get() == 1);
      assertThat(second.get("/200").status()).isEqualTo(200);
      assertThat(told).containsExactly("success with 2");
      gate.countDown();
      assertThat(first.receive(false).status()).isEqualTo(200);
    }
    await().until(() -> told.size() == 2);
    assertThat(told).containsExactly("success with 2", "success with 1");
  }

  @Test
  void eachOutcomeIsWhatItSaysAboutLoad() throws Exception {
    start("concurrency-limiter { type = telling }, circuit-breaker { type = told }");
    for (String target : List.of("/closes", "/200", "/404", "/500", "/501", "/503", "/429")) {
      try (Caller caller = running.caller()) {
        caller.get(target);
      }
    }
    try (Caller leaving = running.caller()) {
      leaving.send(Caller.request("GET", "/wait", ""));
      await().until(() -> permits.get() == 1);
      leaving.socket.setSoLinger(true, 0);
    }
    await().until(() -> told.size() == 16);
    assertThat(told)
        .containsExactly(
            "4711 failed",
            "ignored",
            "4711 ended",
            "success with 1",
            "4711 ended",
            "success with 1",
            "4711 failed",
            "ignored",
            "4711 ended",
            "ignored",
            "4711 failed",
            "dropped",
            "4711 ended",
            "dropped",
            "4711 ended",
            "ignored");
    assertThat(permits).hasValue(0);
  }

  @Test
  void aTunnelGivesItsPermitBackWhenItBegins() throws Exception {
    start("concurrency-limiter { type = telling }, circuit-breaker { type = told }");
    try (Caller caller = running.caller()) {
      caller.send(
          Caller.request("GET", "/upgrade", "", "Connection: upgrade", "Upgrade: websocket"));
      assertThat(Peer.Wire.line(caller.in)).startsWith("HTTP/1.1 101");
      await().until(() -> told.size() == 2);
      assertThat(app().inFlight()).isEqualTo(1);
    }
    await().until(() -> app().inFlight() == 0);
    assertThat(told).containsExactly("4711 ended", "success with 1");
    assertThat(permits).hasValue(0);
  }
}
