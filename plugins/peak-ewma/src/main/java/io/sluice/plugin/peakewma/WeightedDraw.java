package io.sluice.plugin.peakewma;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws the index of a candidate with a chance in proportion to its weight, by a binary search in
 * the running sums. Equal weights need no sums. Immutable.
 */
final class WeightedDraw {

  private final int size;
  private final double @Nullable [] sums;

  private WeightedDraw(int size, double @Nullable [] sums) {
    this.size = size;
    this.sums = sums;
  }

  static WeightedDraw of(double[] weights) {
    double[] sums = new double[weights.length];
    double sum = 0;
    boolean even = true;
    for (int i = 0; i < sums.length; i++) {
      sum += weights[i];
      sums[i] = sum;
      even &= weights[i] == weights[0];
    }
    return new WeightedDraw(sums.length, even ? null : sums);
  }

  int next(RandomGenerator random) {
    double[] table = sums;
    if (table == null) {
      return random.nextInt(size);
    }
    double mark = random.nextDouble() * table[size - 1];
    int low = 0;
    int high = size - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (mark < table[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
