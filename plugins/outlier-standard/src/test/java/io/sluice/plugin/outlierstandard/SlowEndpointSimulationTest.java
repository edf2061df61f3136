package io.sluice.plugin.outlierstandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.plugin.leastrequest.LeastRequestFactory;
import io.sluice.plugin.roundrobin.RoundRobinFactory;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * 150 requests a second, exponentially spaced, for three endpoints of 20 ms, one of which turns ten
 * times slower. The detector is the real one and so is the balancer; time is simulated and arrivals
 * have a fixed seed.
 */
class SlowEndpointSimulationTest {

  private static final double PER_SECOND = 150;
  private static final double TAKES_SECONDS = 0.02;

  private final FakePluginContext context = new FakePluginContext();
  private final List<FakeEndpoint> endpoints = FakeEndpoint.several(3);
  private final FakeEndpoint first = endpoints.get(0);
  private final Random arrivals = new Random(42);
  private final List<String> ejected = new ArrayList<>();
  private double slowness = 1;
  private double lastEjection = Double.NaN;
  private int toFirst;
  private Endpoint out;

  private double seconds() {
    return context.clock().nanos() / 1e9;
  }

  private OutlierDetector detector(String hocon) {
    OutlierDetector detector =
        PluginTester.of(new StandardOutlierFactory()).with(context).create(hocon).instance();
    detector.start(
        new OutlierDetector.Ejector() {
          @Override
          public boolean eject(Endpoint endpoint, Duration time, String reason) {
            if (out != null) {
              return false;
            }
            out = endpoint;
            lastEjection = seconds();
            ejected.add(endpoint.id() + " " + reason);
            context.schedule(time, () -> out = null);
            return true;
          }

          @Override
          public void restore(Endpoint endpoint) {
            out = null;
          }

          @Override
          public List<Endpoint> endpoints() {
            return List.copyOf(endpoints);
          }

          @Override
          public int ejected() {
            return out == null ? 0 : 1;
          }
        });
    detector.onEndpoints(List.copyOf(endpoints));
    return detector;
  }

  private void run(LoadBalancer balancer, OutlierDetector detector, double time) {
    double end = seconds() + time;
    while (seconds() < end) {
      List<Endpoint> serving = new ArrayList<>(endpoints);
      serving.remove(out);
      FakeEndpoint picked = (FakeEndpoint) pickers.of(balancer, serving).pick(FakePick.first());
      picked.activeRequests(picked.activeRequests() + 1);
      balancer.onAttemptStart(picked);
      toFirst += picked == first ? 1 : 0;
      Duration took = seconds(TAKES_SECONDS * (picked == first ? slowness : 1));
      context.schedule(
          took,
          () -> {
            picked.activeRequests(picked.activeRequests() - 1);
            FakeAttempt answered = FakeAttempt.answered(200).after(took);
            balancer.onAttemptEnd(picked, answered);
            detector.onAttemptEnd(picked, answered);
          });
      context.advance(seconds(-Math.log(1 - arrivals.nextDouble()) / PER_SECOND));
    }
  }

  private final Pickers pickers = new Pickers();

  /** As the platform does, makes a picker only when the serving endpoints change. */
  private static final class Pickers {
    private List<Endpoint> of = List.of();
    private LoadBalancer.Picker picker;

    LoadBalancer.Picker of(LoadBalancer balancer, List<Endpoint> serving) {
      if (!of.equals(serving)) {
        of = serving;
        picker = balancer.picker(serving);
      }
      return picker;
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(1e9 * seconds));
  }

  static Stream<Arguments> finds() {
    return Stream.of(
        Arguments.of(new LeastRequestFactory(), "interval = 1s", 5.0),
        Arguments.of(new LeastRequestFactory(), "", 20.0),
        Arguments.of(new RoundRobinFactory(), "interval = 1s", 2.0),
        Arguments.of(new RoundRobinFactory(), "", 20.0));
  }

  @ParameterizedTest
  @MethodSource
  void finds(LoadBalancerFactory balancers, String hocon, double bound) {
    LoadBalancer balancer = PluginTester.of(balancers).with(context).create("").instance();
    OutlierDetector detector = detector(hocon);
    run(balancer, detector, 60);
    assertThat(ejected).as("while all are well").isEmpty();

    slowness = 10;
    double turned = seconds();
    run(balancer, detector, 25);
    assertThat(ejected).containsExactly("10.0.0.1:80 latency");
    assertThat(lastEjection - turned).isLessThanOrEqualTo(bound);
  }

  @Test
  void withoutGatheringOneIntervalIsTooShortToFindIt() {
    LoadBalancer balancer =
        PluginTester.of(new LeastRequestFactory()).with(context).create("").instance();
    OutlierDetector detector = detector("interval = 1s, latency.window = 1s");
    slowness = 10;
    run(balancer, detector, 60);
    assertThat(ejected).isEmpty();
    assertThat(toFirst).isLessThan(60 * 20);
  }

  @Test
  void oneThatIsWellAgainStaysIn() {
    LoadBalancer balancer =
        PluginTester.of(new LeastRequestFactory()).with(context).create("").instance();
    OutlierDetector detector = detector("interval = 1s, base-ejection = 5s");
    slowness = 10;
    while (ejected.isEmpty() && seconds() < 60) {
      run(balancer, detector, 0.1);
    }
    slowness = 1;
    run(balancer, detector, 120);
    assertThat(ejected).containsExactly("10.0.0.1:80 latency");
  }
}
