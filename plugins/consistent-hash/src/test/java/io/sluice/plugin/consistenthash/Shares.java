package io.sluice.plugin.consistenthash;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What tests of layouts count. */
final class Shares {

  static final int KEYS = 200_000;

  private Shares() {}

  static String[] ids(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> "10.0." + i / 250 + "." + i % 250 + ":9090")
        .toArray(String[]::new);
  }

  static int[] equal(int count) {
    return IntStream.generate(() -> 1).limit(count).toArray();
  }

  /** Of {@link #KEYS} hashes, always the same, how many each endpoint owns. */
  static int[] of(Layout layout, int endpoints) {
    int[] counts = new int[endpoints];
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < KEYS; i++) {
      counts[layout.owner(layout.slot(random.nextLong()))]++;
    }
    return counts;
  }

  /** How far the largest share is above the mean, by weight. */
  static double maxToMean(int[] counts, int[] weights) {
    long weight = IntStream.of(weights).sum();
    double most = 0;
    for (int i = 0; i < counts.length; i++) {
      most = Math.max(most, (double) counts[i] * weight / weights[i] / KEYS);
    }
    return most;
  }

  /**
   * The share of hashes whose owner changed between endpoints that both layouts have.
   *
   * @param before ids of the first layout
   * @param after ids of the second
   */
  static double needlesslyMoved(Layout first, String[] before, Layout second, String[] after) {
    int moved = 0;
    SplittableRandom random = new SplittableRandom(42);
    java.util.Set<String> both = new java.util.HashSet<>(java.util.List.of(before));
    both.retainAll(java.util.List.of(after));
    for (int i = 0; i < KEYS; i++) {
      long hash = random.nextLong();
      String from = before[first.owner(first.slot(hash))];
      String to = after[second.owner(second.slot(hash))];
      if (!from.equals(to) && both.contains(from) && both.contains(to)) {
        moved++;
      }
    }
    return (double) moved / KEYS;
  }
}
