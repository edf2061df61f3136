package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.CircuitBreakerFactory;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.api.upstream.OutlierDetectorFactory;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A policy that throws costs at most the exchange it decides about: never the books or the loop.
 */
class PolicyFailureTest {

  @TempDir Path home;
  private final Set<String> throwing = ConcurrentHashMap.newKeySet();
  private final AtomicInteger permits = new AtomicInteger();
  private final AtomicInteger passes = new AtomicInteger();
  private final Peer peer = Peer.saying("fine");
  private Running running;

  /** Throws where the test says so: what a plugin without its library throws. */
  private void at(String call) {
    if (throwing.contains(call)) {
      throw new NoClassDefFoundError("com/example/Gone by " + call);
    }
  }

  private abstract static class Named<P> implements PluginFactory<P> {
    @Override
    public String type() {
      return "faulty";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }
  }

  private final class Balancers extends Named<LoadBalancer> implements LoadBalancerFactory {
    @Override
    public LoadBalancer create(ConfigSection config, PluginContext context) {
      return new LoadBalancer() {
        @Override
        public Picker picker(List<Endpoint> candidates) {
          at("picker");
          return request -> {
            at("pick");
            return candidates.get(0);
          };
        }

        @Override
        public void onAttemptStart(Endpoint endpoint) {
          at("onAttemptStart");
        }

        @Override
        public void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {
          at("balancer.onAttemptEnd");
        }
      };
    }
  }

  private final class Detectors extends Named<OutlierDetector> implements OutlierDetectorFactory {
    @Override
    public OutlierDetector create(ConfigSection config, PluginContext context) {
      return new OutlierDetector() {
        @Override
        public void start(Ejector ejector) {
          at("start");
        }

        @Override
        public void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {
          at("outliers.onAttemptEnd");
        }

        @Override
        public void onEndpoints(List<Endpoint> endpoints) {
          at("onEndpoints");
        }
      };
    }
  }

  private final class Limiters extends Named<ConcurrencyLimiter>
      implements ConcurrencyLimiterFactory {
    @Override
    public ConcurrencyLimiter create(ConfigSection config, PluginContext context) {
      return new ConcurrencyLimiter() {
        @Override
        public boolean tryAcquire(int priority) {
          at("tryAcquire");
          permits.incrementAndGet();
          return true;
        }

        @Override
        public void onSuccess(long nanos, int inFlightAtStart) {
          permits.decrementAndGet();
          at("onSuccess");
        }

        @Override
        public void onDropped() {
          permits.decrementAndGet();
        }

        @Override
        public void onIgnored() {
          permits.decrementAndGet();
          at("onIgnored");
        }

        @Override
        public int limit() {
          return 10;
        }

        @Override
        public int inFlight() {
          at("inFlight");
          return permits.get();
        }
      };
    }
  }

  private final class Breakers extends Named<CircuitBreaker> implements CircuitBreakerFactory {
    @Override
    public CircuitBreaker create(ConfigSection config, PluginContext context) {
      return new CircuitBreaker() {
        @Override
        public long tryPass() {
          at("tryPass");
          return passes.incrementAndGet();
        }

        @Override
        public void onAttemptEnd(long pass, AttemptOutcome outcome) {
          passes.decrementAndGet();
          at("breaker.onAttemptEnd");
        }

        @Override
        public State state() {
          return State.CLOSED;
        }

        @Override
        public long retryAfterNanos() {
          return 0;
        }
      };
    }
  }

  private final class Discoveries extends Named<EndpointDiscovery>
      implements EndpointDiscoveryFactory {
    @Override
    public EndpointDiscovery create(ConfigSection config, PluginContext context) {
      return new EndpointDiscovery() {
        @Override
        public void start(Listener listener) {
          int port = Integer.parseInt(peer.address().split(":")[1]);
          listener.onEndpoints(List.of(EndpointSpec.at("127.0.0.1", port)));
          at("discovery");
        }

        @Override
        public void close() {
          at("discovery.close");
        }
      };
    }
  }

  private void start(String endpoints) {
    PluginFactory<?>[] plugins = {
      new Balancers(), new Detectors(), new Limiters(), new Breakers(), new Discoveries()
    };
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app {\n"
                + endpoints
                + "\nretry = off, balancer { type = faulty }, outlier-detection { type = faulty }\n"
                + "concurrency-limiter { type = faulty }, circuit-breaker { type = faulty } }\n"
                + "routes = [ { upstream = app } ]\n",
            plugins);
  }

  private String listed() {
    return "endpoints = [\"" + peer.address() + "\"]";
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  @AfterEach
  void stop() {
    running.close();
    peer.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "onAttemptStart",
        "balancer.onAttemptEnd",
        "outliers.onAttemptEnd",
        "onSuccess",
        "breaker.onAttemptEnd"
      })
  void whatOnlyListensIsGoneOnWithout(String call) throws Exception {
    start(listed());
    throwing.add(call);
    try (Caller caller = running.caller()) {
      for (int i = 0; i < 3; i++) {
        assertThat(caller.get("/").status()).isEqualTo(200);
      }
    }
    everythingIsGivenBack();
    assertThat(failures()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pick", "tryAcquire", "inFlight", "tryPass"})
  void whatDecidesFailsTheExchangeClosed(String call) throws Exception {
    start(listed());
    try (Caller caller = running.caller()) {
      throwing.add(call);
      for (int i = 0; i < 3; i++) {
        assertThat(caller.get("/").status()).isEqualTo(500);
      }
      assertThat(peer.lines).isEmpty();
      everythingIsGivenBack();
      assertThat(failures()).isEqualTo(3);
      throwing.clear();
      assertThat(caller.get("/").status()).isEqualTo(200);
    }
    everythingIsGivenBack();
  }

  @Test
  void aPermitIsGivenBackEvenWhereBreakerAndLimiterThrow() throws Exception {
    start(listed());
    throwing.addAll(Set.of("tryPass", "onIgnored"));
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(500);
    }
    everythingIsGivenBack();
  }

  @Test
  void aBalancerThatMakesNoPickerFailsWhatItWouldHavePicked() throws Exception {
    throwing.add("picker");
    start(listed());
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(500);
      throwing.clear();
      String id = app().endpoints().get(0).id();
      app().administer(id, io.sluice.core.upstream.EndpointState.Admin.ENABLED);
      assertThat(caller.get("/").status()).isEqualTo(200);
    }
  }

  @Test
  void aDetectorThatDoesNotStartHidesNoEndpoint() throws Exception {
    throwing.addAll(Set.of("start", "onEndpoints"));
    start(listed());
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(200);
    }
    assertThat(failures()).isEqualTo(2);
  }

  @Test
  void aDiscoveryThatThrowsKeepsWhatItFound() throws Exception {
    throwing.addAll(Set.of("discovery", "discovery.close"));
    start("discovery { type = faulty }");
    await().until(() -> app().eligible() == 1);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(200);
    }
    assertThat(failures()).isEqualTo(1);
  }

  private void everythingIsGivenBack() {
    await()
        .untilAsserted(
            () -> {
              assertThat(app().inFlight()).isZero();
              assertThat(app().endpoints()).allMatch(endpoint -> endpoint.activeRequests() == 0);
              assertThat(permits).hasValue(0);
              assertThat(passes).hasValue(0);
            });
  }

  private double failures() throws IOException {
    return running.sum("sluice_plugin_failures_total");
  }
}
