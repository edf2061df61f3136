package io.sluice.plugin.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.plugin.testkit.ChiSquare;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomBalancerTest {

  private final FakeEndpoint a = FakeEndpoint.at("10.0.0.1:80");
  private final FakeEndpoint b = FakeEndpoint.at("10.0.0.2:80").weight(3);
  private final FakeEndpoint c = FakeEndpoint.at("10.0.0.3:80");
  private final Random random = new Random(42);
  private final RandomBalancer balancer = new RandomBalancer(random::nextDouble);

  @Test
  void picksInProportionToWeight() {
    Map<Endpoint, Integer> counts = counts(FakePick.first());

    assertThat(counts.get(a)).isBetween(1_800, 2_200);
    assertThat(counts.get(b)).isBetween(5_800, 6_200);
    assertThat(counts.get(c)).isBetween(1_800, 2_200);
  }

  @Test
  void picksAmongTheOthersByWeightWhenOneIsExcluded() {
    Map<Endpoint, Integer> counts = counts(FakePick.after(a));

    assertThat(counts).doesNotContainKey(a);
    assertThat(counts.get(b)).isBetween(7_300, 7_700);
    assertThat(counts.get(c)).isBetween(2_300, 2_700);
  }

  @Test
  void answersSomethingWhenAllAreExcluded() {
    Picker picker = balancer.picker(List.of(a, b, c));

    assertThat(picker.pick(FakePick.after(a, b, c))).isIn(a, b, c);
  }

  @Test
  void followsSlowStartWithoutANewPicker() {
    Picker picker = balancer.picker(List.of(a, b, c));
    b.effectiveWeight(0.5);

    Map<Endpoint, Integer> counts = counts(picker, FakePick.first(), 10_000);

    assertThat(counts.get(a)).isBetween(3_800, 4_200);
    assertThat(counts.get(b)).isBetween(1_850, 2_150);
    assertThat(counts.get(c)).isBetween(3_800, 4_200);
  }

  @Test
  void sharesByEffectiveWeightWhenAllAreInSlowStart() {
    Picker picker = balancer.picker(List.of(a, b, c));
    a.effectiveWeight(0.1);
    b.effectiveWeight(0.3);
    c.effectiveWeight(0.1);

    Map<Endpoint, Integer> counts = counts(picker, FakePick.first(), 10_000);

    assertThat(counts.get(b)).isBetween(5_800, 6_200);
  }

  /** A thousand draws for each on average; the seed is fixed. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void passesTheChiSquareTest(int count) {
    drawsByWeight(FakeEndpoint.several(count));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void passesTheChiSquareTestWithWeights(int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    int[] weights = {1, 2, 5};
    for (int i = 0; i < count; i++) {
      many.get(i).weight(weights[i % 3]);
    }
    drawsByWeight(many);
  }

  private void drawsByWeight(List<FakeEndpoint> many) {
    Map<Endpoint, Integer> picked =
        counts(balancer.picker(List.copyOf(many)), FakePick.first(), 1_000 * many.size());

    int[] counts = many.stream().mapToInt(picked::get).toArray();
    double[] weights = many.stream().mapToDouble(FakeEndpoint::weight).toArray();
    assertThat(ChiSquare.of(counts, weights)).isLessThan(ChiSquare.limit(many.size()));
  }

  private Map<Endpoint, Integer> counts(FakePick pick) {
    return counts(balancer.picker(List.of(a, b, c)), pick, 10_000);
  }

  private static Map<Endpoint, Integer> counts(Picker picker, FakePick pick, int picks) {
    Map<Endpoint, Integer> counts = new HashMap<>();
    for (int i = 0; i < picks; i++) {
      counts.merge(picker.pick(pick), 1, Integer::sum);
    }
    return counts;
  }
}
