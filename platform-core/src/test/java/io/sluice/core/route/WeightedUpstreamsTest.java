package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightedUpstreamsTest {

  @Test
  void sharesRequestsByWeight() {
    Route route =
        Tables.route(
            "{ upstream = [ { name = a, weight = 95 }, { name = off, weight = 0 }, { name = b, weight = 5 } ] }");
    int[] counts = new int[3];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      counts[route.pickUpstream(random.nextLong())]++;
    }
    assertThat(counts[0]).isBetween(94_500, 95_500);
    assertThat(counts[1]).isZero();
    assertThat(counts[2]).isBetween(4_500, 5_500);
  }

  @Test
  void takesNamesForEqualWeights() {
    Route route = Tables.route("{ upstream = [ a, b ] }");
    WeightedUpstreams upstreams = (WeightedUpstreams) route.destination();
    assertThat(upstreams).isNotNull();
    assertThat(upstreams.members())
        .extracting(WeightedUpstreams.Member::name)
        .containsExactly("a", "b");
    assertThat(upstreams.members()).extracting(WeightedUpstreams.Member::weight).containsOnly(1);
    assertThat(upstreams).hasToString("upstream one of a, b");
  }

  @Test
  void picksTheOnlyOneWhateverTheNumber() {
    Route route = Tables.route("{ upstream = a }");
    for (long random : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThat(route.pickUpstream(random)).isZero();
    }
  }

  @Test
  void picksOneForEveryNumber() {
    Route route = Tables.route("{ upstream = [ a, b, { name = c, weight = 0 } ] }");
    for (long random : new long[] {0, 1, 2, 3, -1, -2, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThat(route.pickUpstream(random)).isBetween(0, 1);
    }
  }

  @Test
  void cannotPickWhereThereIsNoUpstream() {
    Route route = Tables.route("{ respond { status = 200 } }");
    assertThatIllegalStateException().isThrownBy(() -> route.pickUpstream(0));
  }

  @Test
  void mirrorsAShare() {
    RouteConfig config =
        Tables.configs("{ upstream = a, mirror { upstream = shadow, share = 1% } }").get(0);
    Mirror mirror = config.mirror();
    assertThat(mirror).isNotNull();
    assertThat(mirror.upstream()).isEqualTo("shadow");
    SplittableRandom random = new SplittableRandom(1);
    int taken = 0;
    for (int i = 0; i < 100_000; i++) {
      taken += mirror.takes(random.nextLong()) ? 1 : 0;
    }
    assertThat(taken).isBetween(900, 1_100);
    Mirror all = Tables.configs("{ upstream = a, mirror { upstream = s } }").get(0).mirror();
    assertThat(all).isNotNull();
    assertThat(all.takes(-1L)).isTrue();
    assertThat(all.takes(0L)).isTrue();
  }
}
