package io.sluice.plugin.leastrequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeastRequestBalancerTest {

  private final FakeEndpoint a = FakeEndpoint.at("10.0.0.1:80");
  private final FakeEndpoint b = FakeEndpoint.at("10.0.0.2:80");
  private final FakeEndpoint c = FakeEndpoint.at("10.0.0.3:80");

  @Test
  void picksTheOneWithTheFewestRequestsInFlight() {
    a.activeRequests(5);
    b.activeRequests(2);
    c.activeRequests(3);

    assertThat(picker(1, a, b, c).pick(FakePick.first())).isSameAs(b);
  }

  @Test
  void alternatesBetweenIdleEndpoints() {
    Picker picker = picker(1, a, b);

    assertThat(picks(picker, 6)).containsExactly(a, b, a, b, a, b);
  }

  @Test
  void takesIdleEndpointsInProportionToWeight() {
    a.weight(3);

    Map<Endpoint, Integer> counts = counts(picker(1, a, b), 400);

    assertThat(counts).containsEntry(a, 300).containsEntry(b, 100);
  }

  @Test
  void comparesLoadByWeight() {
    a.weight(4).activeRequests(7);
    b.activeRequests(2);

    assertThat(picker(1, a, b).pick(FakePick.first())).isSameAs(a);
  }

  @Test
  void ignoresRequestsInFlightWithoutBias() {
    a.activeRequests(1_000);

    assertThat(counts(picker(0, a, b), 100)).containsEntry(a, 50).containsEntry(b, 50);
  }

  @Test
  void weighsRequestsInFlightByTheBias() {
    a.weight(4).activeRequests(3);
    b.activeRequests(1);

    assertThat(picker(1, a, b).pick(FakePick.first())).isSameAs(a);
    assertThat(picker(2, a, b).pick(FakePick.first())).isSameAs(b);
  }

  @Test
  void doesNotFloodOneThatWasBusyForLong() {
    Picker picker = picker(1, a, b);
    a.activeRequests(1);
    assertThat(counts(picker, 1_000)).containsOnlyKeys(b);

    a.activeRequests(0);

    assertThat(counts(picker, 100).get(a)).isBetween(50, 51);
  }

  @Test
  void neverPicksWhatIsExcludedWhileAnotherIsThere() {
    b.activeRequests(100);

    assertThat(picker(1, a, b).pick(FakePick.after(a))).isSameAs(b);
  }

  @Test
  void answersSomethingWhenAllAreExcluded() {
    assertThat(picker(1, a, b).pick(FakePick.after(a, b))).isIn(a, b);
  }

  @Test
  void avoidsABusyEndpointAmongMany() {
    List<FakeEndpoint> many = FakeEndpoint.several(20);
    many.get(7).activeRequests(50);

    Map<Endpoint, Integer> counts = counts(picker(many), 10_000);

    assertThat(counts).doesNotContainKey(many.get(7)).hasSize(19);
  }

  @Test
  void drawsManyByWeight() {
    List<FakeEndpoint> many = FakeEndpoint.several(20);
    many.get(0).weight(19);

    Map<Endpoint, Integer> counts = counts(picker(many), 10_000);

    assertThat(counts.get(many.get(0))).isBetween(4_000, 6_000);
  }

  @Test
  void findsTheOnlyOneAllowedAmongMany() {
    List<FakeEndpoint> many = FakeEndpoint.several(20);
    Endpoint[] tried = many.subList(0, 19).toArray(new Endpoint[0]);

    for (int i = 0; i < 50; i++) {
      assertThat(picker(many).pick(FakePick.after(tried))).isSameAs(many.get(19));
    }
  }

  @Test
  void followsTheEffectiveWeightOfTheMoment() {
    Picker picker = picker(1, a, b);
    a.activeRequests(1);
    b.activeRequests(2);
    assertThat(picker.pick(FakePick.first())).isSameAs(a);

    a.effectiveWeight(0.25);
    assertThat(picker.pick(FakePick.first())).isSameAs(b);

    a.activeRequests(0);
    b.activeRequests(0);
    Map<Endpoint, Integer> counts = counts(picker, 1_000);
    assertThat(counts.get(a)).isBetween(199, 201);
  }

  /** All are compared, so none is more than one ahead. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void loadsAFewAlike(int count) {
    List<FakeEndpoint> few = FakeEndpoint.several(count);

    throwIn(picker(few), 100 * count);

    assertThat(few).allMatch(endpoint -> endpoint.activeRequests() == 100);
  }

  /**
   * P. Berenbrink et al., "Balanced Allocations: The Heavily Loaded Case" (SIAM J. Comput. 35(6),
   * 2006): with two choices the fullest of n bins has log₂ log₂ n + O(1) more than the mean,
   * however many balls. For O(1) three are allowed; by chance alone it would be 25 at n = 100.
   */
  @ParameterizedTest
  @CsvSource({"10, 100", "100, 100", "200, 10", "200, 100"})
  void loadsNoEndpointMuchMoreThanTheMean(int count, int mean) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);

    throwIn(picker(many), mean * count);

    double bound = mean + Math.log(Math.log(count) / Math.log(2)) / Math.log(2) + 3;
    assertThat(many).allMatch(endpoint -> endpoint.activeRequests() <= bound);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void loadsByWeight(int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    many.get(0).weight(3);

    throwIn(picker(many), 100 * (count + 2));

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

    throwIn(picker(many), 100 * units);

    double bound = 100 + Math.max(0, Math.log(Math.log(count) / Math.log(2)) / Math.log(2)) + 3;
    assertThat(many)
        .allMatch(endpoint -> (double) endpoint.activeRequests() / endpoint.weight() <= bound);
  }

  /**
   * M. Mitzenmacher (see the balancer), theorem 1: where requests come at random at 90 % of what
   * all serve and take a random time, the share of endpoints with i or more in flight tends to
   * 0.9^(2ⁱ − 1) for many endpoints: 0.90, 0.73, 0.48, 0.21, 0.04. With one draw it is 0.9ⁱ: 0.59
   * for five. A hundred are near enough to many for 0.03.
   */
  @Test
  void queuesAsTheTheoryOfTwoChoicesSays() {
    List<FakeEndpoint> many = FakeEndpoint.several(100);
    Picker picker = picker(many);
    Random random = new Random(43);
    double[] shares = new double[30];
    int steps = 1_000_000;
    int most = 0;
    // The jump chain of arrivals at 0.9 n and n servers that end something at 1 each.
    for (int step = 0; step < steps; step++) {
      if (random.nextDouble() < 0.9 / 1.9) {
        throwIn(picker, 1);
      } else {
        FakeEndpoint ends = many.get(random.nextInt(100));
        ends.activeRequests(Math.max(0, ends.activeRequests() - 1));
      }
      int seen = many.get(step % 100).activeRequests();
      most = Math.max(most, seen);
      if (step >= steps / 10) {
        for (int i = 1; i <= seen; i++) {
          shares[i] += 1 / (0.9 * steps);
        }
      }
    }

    for (int i = 1; i < shares.length; i++) {
      assertThat(shares[i]).isCloseTo(Math.pow(0.9, Math.pow(2, i) - 1), within(0.03));
    }
    // 0.9^127 of them are to have seven; with one draw 0.9^7, a half.
    assertThat(most).isBetween(5, 8);
  }

  /** Where each request is over before the next comes, as under light traffic. */
  @ParameterizedTest
  @CsvSource({"2, 0", "3, 0", "10, 50", "100, 100"})
  void takesIdleEndpointsInTurnWhateverTheirNumber(int count, int most) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);

    Map<Endpoint, Integer> counts = counts(picker(many), 1_000 * count);

    assertThat(counts.values()).hasSize(count).allMatch(times -> Math.abs(times - 1_000) <= most);
  }

  private static void throwIn(Picker picker, int requests) {
    for (int i = 0; i < requests; i++) {
      FakeEndpoint picked = (FakeEndpoint) picker.pick(FakePick.first());
      picked.activeRequests(picked.activeRequests() + 1);
    }
  }

  private static Picker picker(double bias, FakeEndpoint... endpoints) {
    return balancer(bias).picker(List.of(endpoints));
  }

  private static Picker picker(List<FakeEndpoint> endpoints) {
    return balancer(1).picker(List.copyOf(endpoints));
  }

  private static LeastRequestBalancer balancer(double bias) {
    Random random = new Random(42);
    return new LeastRequestBalancer(new LeastRequestConfig(2, bias), () -> random);
  }

  private static List<Endpoint> picks(Picker picker, int count) {
    List<Endpoint> picked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      picked.add(picker.pick(FakePick.first()));
    }
    return picked;
  }

  private static Map<Endpoint, Integer> counts(Picker picker, int count) {
    Map<Endpoint, Integer> counts = new HashMap<>();
    picks(picker, count).forEach(endpoint -> counts.merge(endpoint, 1, Integer::sum));
    return counts;
  }
}
