package io.sluice.plugin.roundrobin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundRobinBalancerTest {

  private final FakeEndpoint a = FakeEndpoint.at("10.0.0.1:80");
  private final FakeEndpoint b = FakeEndpoint.at("10.0.0.2:80");
  private final FakeEndpoint c = FakeEndpoint.at("10.0.0.3:80");
  private final RoundRobinBalancer balancer = new RoundRobinBalancer();

  @Test
  void alternatesBetweenTwoEndpoints() {
    assertThat(picks(balancer.picker(List.of(a, b)), 6)).containsExactly(a, b, a, b, a, b);
  }

  @Test
  void followsWeights() {
    a.weight(3);

    assertThat(picks(balancer.picker(List.of(a, b)), 8)).containsExactly(a, a, b, a, a, a, b, a);
  }

  @Test
  void keepsItsPlaceWhenThePickerIsMadeAnew() {
    assertThat(picks(balancer.picker(List.of(a, b)), 3)).containsExactly(a, b, a);

    assertThat(picks(balancer.picker(List.of(a, b)), 3)).containsExactly(b, a, b);
  }

  @Test
  void skipsWhatIsExcluded() {
    Picker picker = balancer.picker(List.of(a, b, c));

    for (int i = 0; i < 9; i++) {
      assertThat(picker.pick(FakePick.after(a, b))).isSameAs(c);
    }
  }

  @Test
  void findsALightEndpointBehindAHeavyExcludedOne() {
    a.weight(60_000);
    Picker picker = balancer.picker(List.of(a, b));

    assertThat(picker.pick(FakePick.after(a))).isSameAs(b);
  }

  @Test
  void answersSomethingWhenAllAreExcluded() {
    assertThat(balancer.picker(List.of(a, b)).pick(FakePick.after(a, b))).isIn(a, b);
  }

  @Test
  void doesNotLetRetriesTakeTheTurnsOfFirstAttempts() {
    Picker picker = balancer.picker(List.of(a, b));
    List<Endpoint> firsts = new ArrayList<>();

    for (int i = 0; i < 6; i++) {
      Endpoint first = picker.pick(FakePick.first());
      firsts.add(first);
      if (first == a) {
        assertThat(picker.pick(FakePick.after(a))).isSameAs(b);
      }
    }

    assertThat(firsts).containsExactly(a, b, a, b, a, b);
  }

  @Test
  void sharesExactlyAmongManyThreads() throws InterruptedException {
    Picker picker = balancer.picker(List.of(a, b, c));
    Map<Endpoint, AtomicInteger> counts = new ConcurrentHashMap<>();
    int threads = 4;
    int picksEach = 3_000;
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      new Thread(
              () -> {
                for (int i = 0; i < picksEach; i++) {
                  counts
                      .computeIfAbsent(picker.pick(FakePick.first()), e -> new AtomicInteger())
                      .incrementAndGet();
                }
                done.countDown();
              })
          .start();
    }
    done.await();

    int share = threads * picksEach / 3;
    assertThat(counts).hasSize(3);
    assertThat(counts.values()).allMatch(count -> count.get() == share);
  }

  /** The largest share is the mean, and no window of n turns has an endpoint twice. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void sharesExactly(int count) {
    List<Endpoint> many = List.copyOf(FakeEndpoint.several(count));

    List<Endpoint> picked = picks(balancer.picker(many), 10 * count);

    for (int i = 0; i < picked.size(); i += count) {
      assertThat(picked.subList(i, i + count)).containsExactlyInAnyOrderElementsOf(many);
    }
  }

  /** In every period each has as many turns as its weight says, whatever was before. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void sharesExactlyByWeight(int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    int[] weights = {1, 2, 5};
    int period = 0;
    for (int i = 0; i < count; i++) {
      many.get(i).weight(weights[i % 3]);
      period += weights[i % 3];
    }

    List<Endpoint> picked = picks(balancer.picker(List.copyOf(many)), 10 * period);

    for (int from = 0; from < picked.size(); from += period) {
      List<Endpoint> turns = picked.subList(from, from + period);
      assertThat(many)
          .allMatch(endpoint -> Collections.frequency(turns, endpoint) == endpoint.weight());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.25, 0.5, 0.9})
  void followsSlowStartWithoutANewPicker(double ratio) {
    b.weight(4);
    Picker picker = balancer.picker(List.of(a, b, c));
    b.effectiveWeight(4 * ratio);

    List<Endpoint> picked = picks(picker, 10_000);

    double expected = 10_000 * 4 * ratio / (2 + 4 * ratio);
    assertThat(Collections.frequency(picked, b)).isCloseTo((int) expected, withinPercentage(2));
    assertThat(Collections.frequency(picked, a))
        .isCloseTo(Collections.frequency(picked, c), withinPercentage(2));
  }

  @Test
  void takesTurnsWhenAllAreInSlowStart() {
    Picker picker = balancer.picker(List.of(a, b, c));
    List.of(a, b, c).forEach(endpoint -> endpoint.effectiveWeight(0.1));

    List<Endpoint> picked = picks(picker, 9_000);

    for (FakeEndpoint endpoint : List.of(a, b, c)) {
      assertThat(Collections.frequency(picked, endpoint)).isCloseTo(3_000, withinPercentage(5));
    }
  }

  private static List<Endpoint> picks(Picker picker, int count) {
    List<Endpoint> picked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      picked.add(picker.pick(FakePick.first()));
    }
    return picked;
  }
}
