package io.sluice.plugin.consistenthash;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Picks by the hash of a key of the request, on a ring or by a Maglev table. The layout follows the
 * configured weights; it is made anew only when endpoints or weights changed, and slow start, which
 * would move keys, is left to the bound on load.
 */
final class HashBalancer implements LoadBalancer {

  private final HashConfig config;
  private final Layout.Maker maker;
  private final Supplier<? extends RandomGenerator> random;

  private volatile @Nullable Known known;

  /** What was laid out last. */
  private record Known(String[] ids, int[] weights, Layout layout) {
    boolean is(String[] otherIds, int[] otherWeights) {
      return Arrays.equals(ids, otherIds) && Arrays.equals(weights, otherWeights);
    }
  }

  /**
   * @param random answers a generator for the calling thread: for requests without a key
   */
  HashBalancer(HashConfig config, Layout.Maker maker, Supplier<? extends RandomGenerator> random) {
    this.config = config;
    this.maker = maker;
    this.random = random;
  }

  @Override
  public Picker picker(List<Endpoint> candidates) {
    // By id: discovery may answer in any order, which must not move a key.
    Endpoint[] endpoints =
        candidates.stream().sorted(Comparator.comparing(Endpoint::id)).toArray(Endpoint[]::new);
    String[] ids = Arrays.stream(endpoints).map(Endpoint::id).toArray(String[]::new);
    int[] weights = Arrays.stream(endpoints).mapToInt(Endpoint::weight).toArray();
    Known now = known;
    if (now == null || !now.is(ids, weights)) {
      now = new Known(ids, weights, maker.of(ids, weights));
      known = now;
    }
    LoadBound bound = new LoadBound(endpoints, config.bound());
    HashKey[] keys = config.keys().toArray(new HashKey[0]);
    return new HashPicker(keys, endpoints, now.layout, bound, random);
  }
}
