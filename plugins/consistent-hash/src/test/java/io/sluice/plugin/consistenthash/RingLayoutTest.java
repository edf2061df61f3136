package io.sluice.plugin.consistenthash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RingLayoutTest {

  private static final int MIN = 1024;
  private static final int MAX = 65_536;

  /**
   * The share of an endpoint with k of many points has a relative deviation of 1/√k. Four of them
   * are passed with a chance of 3·10⁻⁵ an endpoint.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void sharesWithinFourDeviationsOfTheMean(int endpoints) {
    int[] counts = Shares.of(ring(Shares.ids(endpoints), Shares.equal(endpoints)), endpoints);

    double bound = 4 / Math.sqrt(RingLayout.POINTS_PER_ENDPOINT);
    double mean = (double) Shares.KEYS / endpoints;
    for (int count : counts) {
      assertThat(count / mean).isBetween(1 - bound, 1 + bound);
    }
  }

  /** Four deviations again, of the points of each and of the keys that fall to it. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void sharesByWeight(int endpoints) {
    int[] weights = Shares.unequal(endpoints);
    RingLayout ring = ring(Shares.ids(endpoints), weights);

    int[] counts = Shares.of(ring, endpoints);

    int[] points = new int[endpoints];
    for (int slot = 0; slot < ring.size(); slot++) {
      points[ring.owner(slot)]++;
    }
    double unit = (double) Shares.KEYS / Arrays.stream(weights).sum();
    for (int i = 0; i < endpoints; i++) {
      double expected = unit * weights[i];
      double bound = 4 * Math.sqrt(1.0 / points[i] + 1 / expected);
      assertThat(counts[i] / expected).isBetween(1 - bound, 1 + bound);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1024, 65536, 1024",
    "2, 1024, 65536, 1024",
    "3, 1024, 65536, 1536",
    "10, 1024, 65536, 5120",
    "100, 1024, 65536, 51200",
    "200, 1024, 65536, 51200",
    "3, 4096, 65536, 6144",
    "10, 1024, 2048, 1280",
    "3000, 1024, 2048, 3000",
  })
  void hasAsManyPointsAsTheBoundsSay(int endpoints, int min, int max, int points) {
    String[] ids = new String[endpoints];
    Arrays.setAll(ids, i -> "e" + i);

    assertThat(RingLayout.of(ids, Shares.equal(endpoints), min, max).size()).isEqualTo(points);
  }

  @Test
  void keepsTheLightestOnTheRingBesideTheHeaviest() {
    RingLayout ring = ring(Shares.ids(2), new int[] {65_535, 1});

    assertThat(ring.size()).isBetween(MIN, MAX + 2);
    assertThat(owners(ring)).contains(0, 1);
  }

  /** Karger et al.: only what the endpoint had moves, and what a new one takes. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void movesNoKeyBetweenTheOthersWhenOneGoesOrComes(int endpoints) {
    String[] all = Shares.ids(endpoints);
    String[] fewer = Arrays.copyOf(all, endpoints - 1);
    RingLayout before = ring(all, Shares.equal(endpoints));
    RingLayout after = ring(fewer, Shares.equal(endpoints - 1));

    assertThat(Shares.needlesslyMoved(before, all, after, fewer)).isLessThan(1e-5);
    assertThat(Shares.needlesslyMoved(after, fewer, before, all)).isLessThan(1e-5);
  }

  @Test
  void sendsAHashToTheNextPointAndRoundTheEnd() {
    RingLayout ring = ring(Shares.ids(3), Shares.equal(3));

    assertThat(ring.slot(0)).isZero();
    assertThat(ring.slot(-1)).isZero();
    for (long step = 1; step != 0; step <<= 1) {
      assertThat(ring.slot(step)).isBetween(0, ring.size() - 1);
    }
  }

  private static int[] owners(Layout layout) {
    return java.util.stream.IntStream.range(0, layout.size())
        .map(layout::owner)
        .distinct()
        .toArray();
  }

  private static RingLayout ring(String[] ids, int[] weights) {
    return RingLayout.of(ids, weights, MIN, MAX);
  }
}
