package io.sluice.plugin.peakewma;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import io.sluice.plugin.testkit.FakePluginContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeakEwmaBalancerTest {

  private final FakeEndpoint a = FakeEndpoint.at("10.0.0.1:80");
  private final FakeEndpoint b = FakeEndpoint.at("10.0.0.2:80");
  private final FakeEndpoint c = FakeEndpoint.at("10.0.0.3:80");
  private final FakePluginContext context = new FakePluginContext();
  private final Random random = new Random(42);
  private final PeakEwmaBalancer balancer =
      new PeakEwmaBalancer(
          new PeakEwmaConfig(Duration.ofSeconds(10), 4),
          context.endpointSlot(Estimate.class),
          context.ticker(),
          () -> random);

  @Test
  void prefersTheFastest() {
    Picker picker = picker(a, b, c);
    answer(a, 50);
    answer(b, 20);
    answer(c, 30);

    assertThat(picks(picker, 20)).containsOnly(b);
  }

  @Test
  void weighsLatencyByWhatIsInFlight() {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 20);
    b.activeRequests(2);

    assertThat(picks(picker, 20)).containsOnly(a);
  }

  @Test
  void dividesByTheEffectiveWeightOfTheMoment() {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 20);
    a.weight(3);
    assertThat(picks(picker, 20)).containsOnly(a);

    a.effectiveWeight(0.3);
    assertThat(picks(picker, 20)).containsOnly(b);
  }

  @Test
  void sharesAmongEndpointsWithoutAnswersAsByRequestsInFlight() {
    Picker picker = picker(a, b, c);

    throwIn(picker, 300);

    assertThat(List.of(a, b, c)).allMatch(endpoint -> endpoint.activeRequests() == 100);
  }

  @Test
  void triesANewEndpointFirstButDoesNotFloodIt() {
    picker(a, b);
    answer(a, 50);
    answer(b, 50);
    Picker picker = picker(a, b, c);
    assertThat(picker.pick(FakePick.first())).isSameAs(c);

    throwIn(picker, 400);

    assertThat(c.activeRequests()).isBetween(190, 210);
  }

  @Test
  void triesAnEndpointAgainThatWasSlowOnce() {
    Picker picker = picker(a, b);
    answer(b, 2_000);
    int seconds = 0;
    while (picker.pick(FakePick.first()) == a) {
      answer(a, 50);
      context.advance(Duration.ofSeconds(1));
      seconds++;
    }
    assertThat(seconds).isBetween(30, 50);
  }

  @Test
  void doesNotFloodAnEndpointThatWasIdle() {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 50);
    context.advance(Duration.ofMinutes(5));
    answer(a, 50);

    throwIn(picker, 300);

    assertThat(b.activeRequests()).isBetween(190, 210);
  }

  @Test
  void keepsWhatItKnowsWhenCandidatesChange() {
    picker(a, b);
    answer(a, 50);
    answer(b, 20);
    picker(a);

    assertThat(picks(picker(a, b), 20)).containsOnly(b);
  }

  @Test
  void avoidsAnEndpointThatFailsFast() {
    Picker picker = picker(a, b);
    answer(a, 50);
    for (int i = 0; i < 6; i++) {
      end(b, FakeAttempt.answered(500));
    }
    a.activeRequests(1_000);

    assertThat(picks(picker, 20)).containsOnly(a);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONNECTION_REFUSED", "CONNECTION_TERMINATED", "RESPONSE_TIMEOUT"})
  void countsFailuresOfTheEndpoint(ErrorKind kind) {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 50);
    end(b, FakeAttempt.failed(kind));

    assertThat(picks(picker, 20)).containsOnly(a);
  }

  @Test
  void passesOverWhatSaysNothingAboutTheEndpoint() {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 40);
    end(b, FakeAttempt.abandoned());
    end(b, FakeAttempt.abandoned().after(Duration.ofMinutes(1)));
    end(b, FakeAttempt.failed(ErrorKind.LIMIT_REACHED).after(Duration.ofSeconds(3)));
    end(b, FakeAttempt.failed(ErrorKind.REQUEST_TIMEOUT).after(Duration.ofSeconds(10)));
    end(a, FakeAttempt.abandoned());

    assertThat(picks(picker, 20)).containsOnly(b);
  }

  @Test
  void countsAnAttemptThatItsHedgeOvertookAsAFailure() {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 40);
    end(b, FakeAttempt.beaten());
    assertThat(picks(picker, 20)).containsOnly(a);

    answer(b, 40); // one among many that are answered in time is soon forgiven
    answer(b, 40);
    answer(b, 40);
    answer(b, 40);
    assertThat(picks(picker, 20)).containsOnly(b);
  }

  @Test
  void leavesAnEndpointThatHedgesOvertakeTimeAfterTimeToWhoeverHasNothingElse() {
    Picker picker = picker(a, b);
    answer(a, 50);
    answer(b, 40);
    for (int i = 0; i < 6; i++) {
      end(b, FakeAttempt.beaten().after(Duration.ofMillis(45)));
    }
    a.activeRequests(500);

    assertThat(picks(picker, 20)).containsOnly(a);
  }

  @Test
  void passesOverEndpointsThatItNeverSaw() {
    end(a, FakeAttempt.answered(200));

    assertThat(picker(a).pick(FakePick.first())).isSameAs(a);
  }

  @Test
  void takesTheTimeToTheHeadAndNotToTheEnd() {
    Picker picker = picker(a, b);
    answer(a, 50);
    end(b, new FakeAttempt(200, null, false, true, 20_000_000, 60_000_000_000L, -1));

    assertThat(picks(picker, 20)).containsOnly(b);
  }

  @Test
  void neverPicksWhatIsExcludedWhileAnotherIsThere() {
    List<FakeEndpoint> many = FakeEndpoint.several(20);
    Endpoint[] tried = many.subList(0, 19).toArray(new Endpoint[0]);
    Picker picker = balancer.picker(List.copyOf(many));
    for (int i = 0; i < 50; i++) {
      assertThat(picker.pick(FakePick.after(tried))).isSameAs(many.get(19));
    }
    assertThat(picker(a, b).pick(FakePick.after(a))).isSameAs(b);
  }

  @Test
  void answersSomethingWhenAllAreExcluded() {
    assertThat(picker(a, b).pick(FakePick.after(a, b))).isIn(a, b);
    Endpoint[] many = FakeEndpoint.several(20).toArray(new Endpoint[0]);
    assertThat(balancer.picker(List.of(many)).pick(FakePick.after(many))).isIn((Object[]) many);
  }

  /**
   * P. Berenbrink et al., "Balanced Allocations: The Heavily Loaded Case" (SIAM J. Comput. 35(6),
   * 2006): with two choices the fullest of n bins has log₂ log₂ n + O(1) more than the mean,
   * however many balls. For O(1) three are allowed.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void loadsNoEndpointMuchMoreThanTheMean(int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    Picker picker = balancer.picker(List.copyOf(many));

    throwIn(picker, 100 * count);

    double bound = 100 + Math.max(0, Math.log(Math.log(count) / Math.log(2)) / Math.log(2)) + 3;
    assertThat(many).allMatch(endpoint -> endpoint.activeRequests() <= bound);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void loadsByWeight(int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    many.get(0).weight(3);
    Picker picker = balancer.picker(List.copyOf(many));

    throwIn(picker, 100 * (count + 2));

    assertThat(many.get(0).activeRequests()).isBetween(285, 315);
    assertThat(many.subList(1, count)).allMatch(e -> Math.abs(e.activeRequests() - 100) <= 10);
  }

  /**
   * P. Berenbrink et al., "Balls into Non-uniform Bins" (IPDPS 2010): with bins drawn by capacity
   * the fullest of n has log₂ log₂ n + O(1) more for a unit of capacity than the mean. For O(1)
   * three are allowed here too.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void loadsNoUnitOfWeightMuchMoreThanTheMean(int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    int[] weights = {1, 2, 5};
    int units = 0;
    for (int i = 0; i < count; i++) {
      many.get(i).weight(weights[i % 3]);
      units += weights[i % 3];
    }

    throwIn(balancer.picker(List.copyOf(many)), 100 * units);

    double bound = 100 + Math.max(0, Math.log(Math.log(count) / Math.log(2)) / Math.log(2)) + 3;
    assertThat(many)
        .allMatch(endpoint -> (double) endpoint.activeRequests() / endpoint.weight() <= bound);
  }

  private static void throwIn(Picker picker, int requests) {
    for (int i = 0; i < requests; i++) {
      FakeEndpoint picked = (FakeEndpoint) picker.pick(FakePick.first());
      picked.activeRequests(picked.activeRequests() + 1);
    }
  }

  private void answer(Endpoint endpoint, int millis) {
    end(endpoint, FakeAttempt.answered(200).after(Duration.ofMillis(millis)));
  }

  private void end(Endpoint endpoint, AttemptOutcome outcome) {
    balancer.onAttemptStart(endpoint);
    balancer.onAttemptEnd(endpoint, outcome);
  }

  private Picker picker(FakeEndpoint... endpoints) {
    return balancer.picker(List.of(endpoints));
  }

  private static List<Endpoint> picks(Picker picker, int count) {
    List<Endpoint> picked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      picked.add(picker.pick(FakePick.first()));
    }
    return picked;
  }
}
