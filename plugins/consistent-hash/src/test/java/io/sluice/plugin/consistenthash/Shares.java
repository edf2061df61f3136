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

  /** Weights 1, 2, 5, 1, 2, 5 and so on. */
  static int[] unequal(int count) {
    int[] weights = {1, 2, 5};
    return IntStream.range(0, count).map(i -> weights[i % 3]).toArray();
  }

  /** The share of all hashes that each endpoint owns, by a million of them spread evenly. */
  static double[] owned(Layout layout, int endpoints) {
    double[] shares = new double[endpoints];
    for (long i = 0; i < 1 << 20; i++) {
      shares[layout.owner(layout.slot(i << 44))] += 1.0 / (1 << 20);
    }
    return shares;
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
