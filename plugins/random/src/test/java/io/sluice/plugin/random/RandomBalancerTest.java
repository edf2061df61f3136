package io.sluice.plugin.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

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
  void followsSlowStart() {
    b.effectiveWeight(0.1);

    assertThat(counts(FakePick.first()).get(b)).isLessThan(700);
  }

  private Map<Endpoint, Integer> counts(FakePick pick) {
    Picker picker = balancer.picker(List.of(a, b, c));
    Map<Endpoint, Integer> counts = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      counts.merge(picker.pick(pick), 1, Integer::sum);
    }
    return counts;
  }
}
