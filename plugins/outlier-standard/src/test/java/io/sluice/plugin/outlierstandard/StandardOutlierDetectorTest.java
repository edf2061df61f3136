package io.sluice.plugin.outlierstandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.api.upstream.OutlierDetectorFactory;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class StandardOutlierDetectorTest {

  private static final FakeAttempt OK = FakeAttempt.answered(200);
  private static final FakeAttempt ERROR = FakeAttempt.answered(500);
  private static final FakeAttempt BUSY = FakeAttempt.answered(503);
  private static final FakeAttempt REFUSED = FakeAttempt.failed(ErrorKind.CONNECTION_REFUSED);

  private final FakePluginContext context =
      new FakePluginContext("upstreams.users.outlier-detection");
  private final List<FakeEndpoint> endpoints = FakeEndpoint.several(10);
  private final Ejector ejector = new Ejector();
  private OutlierDetector detector;

  /** Grants what it is asked for, and lets ejections end with the fake time. */
  private final class Ejector implements OutlierDetector.Ejector {
    final List<String> granted = new ArrayList<>();
    final List<Duration> times = new ArrayList<>();
    final List<Endpoint> out = new ArrayList<>();
    int most = 100;

    @Override
    public boolean eject(Endpoint endpoint, Duration time, String reason) {
      if (out.contains(endpoint) || out.size() >= most) {
        return false;
      }
      granted.add(endpoint.id() + " " + reason);
      times.add(time);
      out.add(endpoint);
      context.schedule(time, () -> out.remove(endpoint));
      return true;
    }

    @Override
    public void restore(Endpoint endpoint) {
      out.remove(endpoint);
    }

    @Override
    public List<Endpoint> endpoints() {
      return List.copyOf(endpoints);
    }

    @Override
    public int ejected() {
      return out.size();
    }
  }

  private void start(int count, String hocon) {
    endpoints.subList(count, endpoints.size()).clear();
    detector = PluginTester.of(new StandardOutlierFactory()).with(context).create(hocon).instance();
    detector.start(ejector);
    detector.onEndpoints(List.copyOf(endpoints));
  }

  private void send(int endpoint, int times, FakeAttempt outcome) {
    for (int i = 0; i < times; i++) {
      detector.onAttemptEnd(endpoints.get(endpoint), outcome);
    }
  }

  private void interval() {
    context.advance(Duration.ofSeconds(10));
  }

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(OutlierDetectorFactory.class))
        .anyMatch(factory -> factory.type().equals("standard"));
  }

  @Test
  void ejectsAfterFiveFailuresInARowOfAnyKind() {
    start(3, "");
    send(0, 2, ERROR);
    send(0, 2, REFUSED);
    assertThat(ejector.granted).isEmpty();
    send(0, 1, BUSY);
    assertThat(ejector.granted).containsExactly("10.0.0.1:80 consecutive_failures");
  }

  @Test
  void aSuccessEndsTheRow() {
    start(3, "");
    for (int i = 0; i < 10; i++) {
      send(0, 4, ERROR);
      send(0, 1, FakeAttempt.answered(404));
    }
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void whatSaysNothingNeitherCountsNorEndsTheRow() {
    start(3, "");
    send(0, 4, ERROR);
    send(0, 100, FakeAttempt.abandoned());
    send(0, 100, FakeAttempt.failed(ErrorKind.LIMIT_REACHED));
    assertThat(ejector.granted).isEmpty();
    send(0, 1, ERROR);
    assertThat(ejector.granted).hasSize(1);
  }

  @Test
  void gatewayFailuresHaveARowOfTheirOwn() {
    start(3, "consecutive-failures = off, consecutive-gateway-failures = 3");
    send(0, 2, BUSY);
    send(0, 1, ERROR);
    send(0, 2, REFUSED);
    assertThat(ejector.granted).isEmpty();
    send(0, 1, BUSY);
    assertThat(ejector.granted).containsExactly("10.0.0.1:80 consecutive_gateway_failures");
  }

  @Test
  void networkFailuresMayBeKeptApart() {
    start(3, "split-local-failures = on, consecutive-local-failures = 3");
    send(0, 2, REFUSED);
    send(0, 1, ERROR); // it answered: the network is well
    send(0, 2, REFUSED);
    assertThat(ejector.granted).isEmpty();
    send(0, 1, REFUSED);
    assertThat(ejector.granted).containsExactly("10.0.0.1:80 consecutive_local_failures");
  }

  @Test
  void nothingIsDecidedWhenAllOfItIsOff() {
    start(10, "consecutive-failures = off, success-rate.factor = off, latency.ratio = off");
    send(0, 1000, ERROR);
    for (int i = 1; i < 10; i++) {
      send(i, 1000, OK);
    }
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void aRepeatedOffenderIsOutLongerEachTime() {
    start(3, "jitter = 0%");
    for (int i = 1; i <= 11; i++) {
      send(0, 5, ERROR);
      assertThat(ejector.times).hasSize(i);
      assertThat(ejector.times.get(i - 1)).isEqualTo(Duration.ofSeconds(Math.min(30L * i, 300)));
      context.advance(ejector.times.get(i - 1));
    }
  }

  @Test
  void goodServiceForgivesOneEjectionForEachBaseTime() {
    start(3, "jitter = 0%");
    for (int i = 0; i < 3; i++) {
      send(0, 5, ERROR);
      context.advance(ejector.times.get(i));
    }
    context.advance(Duration.ofSeconds(70)); // two of three are forgiven
    send(0, 5, ERROR);
    assertThat(ejector.times.get(3)).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void jitterMakesItLastUpToATenthLonger() {
    start(10, "");
    for (int i = 0; i < 10; i++) {
      send(i, 5, ERROR);
    }
    assertThat(ejector.times)
        .allMatch(time -> time.toMillis() >= 30_000 && time.toMillis() <= 33_000)
        .anyMatch(time -> time.toMillis() > 30_000);
    assertThat(ejector.times.stream().distinct().count()).isGreaterThan(5);
  }

  @Test
  void asksAgainWithTheNextRowWhereABoundForbadeIt() {
    start(3, "jitter = 0%");
    ejector.most = 0;
    send(0, 5, ERROR);
    ejector.most = 1;
    send(0, 4, ERROR);
    assertThat(ejector.granted).isEmpty();
    send(0, 1, ERROR);
    assertThat(ejector.granted).hasSize(1);
    assertThat(ejector.times).containsExactly(Duration.ofSeconds(30));
  }

  @Test
  void aPassingCheckRestoresUnlessToldOtherwise() {
    start(3, "");
    send(0, 5, ERROR);
    detector.onHealthy(endpoints.get(0));
    assertThat(ejector.out).isEmpty();

    start(3, "restore-on-check = off");
    send(1, 5, ERROR);
    detector.onHealthy(endpoints.get(1));
    assertThat(ejector.out).containsExactly(endpoints.get(1));
  }

  @Test
  void whatIsKnownOutlivesTheDetector() {
    start(3, "jitter = 0%");
    EndpointSlot<EndpointRecord> slot = new EndpointSlot<>(7, EndpointRecord.class);
    StandardOutlierConfig config = config("jitter = 0%");
    StandardOutlierDetector before =
        new StandardOutlierDetector(config, slot, context.ticker(), () -> 0);
    before.start(ejector);
    for (int i = 0; i < 5; i++) {
      before.onAttemptEnd(endpoints.get(0), ERROR);
    }
    context.advance(ejector.times.get(0));
    for (int i = 0; i < 4; i++) {
      before.onAttemptEnd(endpoints.get(0), ERROR);
    }
    StandardOutlierDetector next =
        new StandardOutlierDetector(config, slot, context.ticker(), () -> 0);
    next.start(ejector);
    next.onEndpoints(List.copyOf(endpoints));
    next.onAttemptEnd(endpoints.get(0), ERROR);
    assertThat(ejector.times).containsExactly(Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  @Test
  void onlyTheLastDetectorComparesEndpointsThatBothShare() {
    start(5, "");
    EndpointSlot<EndpointRecord> slot = new EndpointSlot<>(7, EndpointRecord.class);
    StandardOutlierConfig config = config("consecutive-failures = off");
    StandardOutlierDetector before =
        new StandardOutlierDetector(config, slot, context.ticker(), () -> 0);
    StandardOutlierDetector next =
        new StandardOutlierDetector(config, slot, context.ticker(), () -> 0);
    for (StandardOutlierDetector each : List.of(before, next)) {
      each.start(ejector);
      each.onEndpoints(List.copyOf(endpoints));
    }
    for (int i = 0; i < 200; i++) {
      for (int e = 0; e < 5; e++) {
        before.onAttemptEnd(endpoints.get(e), e == 4 ? ERROR : OK);
      }
    }
    before.analyse();
    assertThat(ejector.granted).isEmpty();
    next.analyse();
    assertThat(ejector.granted).containsExactly("10.0.0.5:80 success_rate");
  }

  private static StandardOutlierConfig config(String hocon) {
    StandardOutlierConfig[] decoded = new StandardOutlierConfig[1];
    PluginTester.of(
            new OutlierDetectorFactory() {
              @Override
              public String type() {
                return "standard";
              }

              @Override
              public OutlierDetector create(ConfigSection config, PluginContext lent) {
                decoded[0] = StandardOutlierConfig.decode(config);
                return new StandardOutlierFactory().create(config, lent);
              }
            })
        .create(hocon)
        .instance();
    return decoded[0];
  }

  @Test
  void succeedingLessThanTheOthersEjects() {
    start(5, "consecutive-failures = off");
    for (int i = 0; i < 5; i++) {
      send(i, 200, OK);
    }
    send(4, 40, ERROR);
    interval();
    assertThat(ejector.granted).containsExactly("10.0.0.5:80 success_rate");
  }

  @Test
  void aSmallGapIsNoOutlierHoweverSmallTheDeviation() {
    start(5, "consecutive-failures = off");
    for (int i = 0; i < 5; i++) {
      send(i, 200, OK);
    }
    send(4, 2, ERROR); // 1 %, two standard deviations below the mean
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void successRatesNeedEnoughEndpointsAndRequests() {
    start(5, "consecutive-failures = off");
    for (int i = 0; i < 4; i++) {
      send(i, 200, OK);
    }
    send(4, 50, ERROR);
    send(4, 49, OK);
    interval();
    assertThat(ejector.granted).isEmpty();
    for (int i = 0; i < 4; i++) {
      send(i, 99, OK);
    }
    send(4, 200, ERROR);
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void eachIntervalIsJudgedByItself() {
    start(5, "consecutive-failures = off");
    send(4, 90, ERROR);
    interval();
    for (int i = 0; i < 5; i++) {
      send(i, 200, OK);
    }
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void failingMoreThanItMayEjects() {
    start(
        5, "consecutive-failures = off, success-rate.factor = off, failure-share.threshold = 85%");
    for (int i = 0; i < 5; i++) {
      send(i, 50, OK);
    }
    send(0, 284, ERROR); // 85.03 %
    send(1, 283, ERROR); // 84.98 %
    interval();
    assertThat(ejector.granted).containsExactly("10.0.0.1:80 failure_share");
  }

  @Test
  void networkFailuresAreComparedApartWhereTheyAreKeptApart() {
    start(
        5,
        "split-local-failures = on, consecutive-failures = off, consecutive-local-failures = off");
    for (int i = 0; i < 5; i++) {
      send(i, 200, OK);
    }
    send(2, 60, REFUSED);
    interval();
    assertThat(ejector.granted).containsExactly("10.0.0.3:80 local_success_rate");
  }

  private static FakeAttempt in(int millis) {
    return OK.after(Duration.ofMillis(millis));
  }

  @Test
  void aSlowOneOfThreeIsEjected() {
    start(3, "");
    send(0, 200, in(20));
    send(1, 200, in(25));
    send(2, 20, in(200));
    interval();
    assertThat(ejector.granted).containsExactly("10.0.0.3:80 latency");
  }

  @Test
  void whatIsSlowEverywhereIsNoOutlier() {
    start(3, "");
    for (int i = 0; i < 3; i++) {
      send(i, 200, in(900 + i));
    }
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void aFewSlowRequestsDoNotMakeASlowEndpoint() {
    start(3, "");
    for (int i = 0; i < 3; i++) {
      send(i, 100, in(20));
    }
    send(0, 99, in(5_000)); // less than half
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void slownessTakesARatioADifferenceAndEnoughRequests() {
    start(3, "");
    send(0, 100, in(100));
    send(1, 100, in(100));
    send(2, 100, in(280)); // less than 3 times
    interval();
    send(0, 100, in(2));
    send(1, 100, in(2));
    send(2, 100, in(20)); // less than 20 ms more
    interval();
    send(0, 100, in(20));
    send(1, 100, in(20));
    send(2, 19, in(2_000)); // too few
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void fewRequestsAreGatheredUntilThereAreEnough() {
    start(3, "");
    for (int i = 0; i < 3; i++) {
      assertThat(ejector.granted).isEmpty();
      send(0, 100, in(20));
      send(1, 100, in(20));
      send(2, 7, in(200));
      interval();
    }
    assertThat(ejector.granted).containsExactly("10.0.0.3:80 latency");
  }

  @Test
  void noMoreIsGatheredThanIsNeededSoThatThePastDoesNotOutvoteThePresent() {
    start(3, "latency.window = 10m");
    for (int i = 0; i < 30; i++) {
      for (int endpoint = 0; endpoint < 3; endpoint++) {
        send(endpoint, 100, in(20));
      }
      interval();
    }
    for (int i = 0; i < 3; i++) {
      assertThat(ejector.granted).isEmpty();
      send(0, 100, in(20));
      send(1, 100, in(20));
      send(2, 7, in(200));
      interval();
    }
    assertThat(ejector.granted).containsExactly("10.0.0.3:80 latency");
  }

  @Test
  void whatIsOlderThanTheWindowIsNotGathered() {
    start(3, "latency.window = 30s");
    for (int slow : new int[] {19, 0, 0, 10, 0, 9}) {
      send(0, 100, in(20));
      send(1, 100, in(20));
      send(2, slow, in(200));
      interval();
    }
    assertThat(ejector.granted).isEmpty();
    send(0, 100, in(20));
    send(1, 100, in(20));
    send(2, 11, in(200));
    interval();
    assertThat(ejector.granted).containsExactly("10.0.0.3:80 latency");
  }

  @Test
  void aBadMomentOfAllIsNotHeldAgainstTheOneThatRemembersIt() {
    start(3, "");
    send(0, 200, in(900));
    send(1, 200, in(900));
    send(2, 15, in(900));
    interval();
    send(0, 100, in(20));
    send(1, 100, in(20));
    send(2, 5, in(20));
    interval();
    assertThat(ejector.granted).isEmpty();
  }

  @Test
  void twoSlowOnesDoNotHideEachOther() {
    start(5, "");
    for (int i = 0; i < 3; i++) {
      send(i, 100, in(20));
    }
    send(3, 100, in(1_000));
    send(4, 100, in(3_000));
    interval();
    assertThat(ejector.granted)
        .containsExactly("10.0.0.5:80 latency", "10.0.0.4:80 latency"); // the slowest first
  }

  @Test
  void aFastFailureDoesNotMakeAnEndpointLookFastNorATimeOutVanish() {
    start(3, "consecutive-failures = off");
    send(0, 100, in(20));
    send(1, 100, in(20));
    send(2, 500, ERROR.after(Duration.ofMillis(1)));
    send(2, 30, FakeAttempt.failed(ErrorKind.RESPONSE_TIMEOUT).after(Duration.ofSeconds(1)));
    interval();
    assertThat(ejector.granted).containsExactly("10.0.0.3:80 latency");
  }
}
