package io.sluice.plugin.testkit;

/**
 * Pearson's χ² test, for balancers that draw by chance: whether counts are what draws by given
 * weights may give. A test with a fixed seed compares {@link #of} with {@link #limit}.
 */
public final class ChiSquare {

  /** What a standard normal variable exceeds with a chance of 0.001. */
  private static final double QUANTILE = 3.0902;

  private ChiSquare() {}

  /**
   * How far counts are from what was to be expected: the sum of squared differences, each divided
   * by what was expected.
   *
   * @param counts how often each was drawn; each should be expected five times at least
   * @param weights to which the chances are in proportion, above 0
   */
  public static double of(int[] counts, double[] weights) {
    if (counts.length != weights.length) {
      throw new IllegalArgumentException(counts.length + " counts, " + weights.length + " weights");
    }
    double drawn = 0;
    double weight = 0;
    for (int i = 0; i < counts.length; i++) {
      drawn += counts[i];
      weight += weights[i];
    }
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = drawn * weights[i] / weight;
      sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
  }

  /**
   * What {@link #of} exceeds in one of a thousand tests where the draws are right: the quantile at
   * 0.999, by the approximation of E. B. Wilson and M. M. Hilferty, "The Distribution of
   * Chi-square" (PNAS 17(12), 1931), which is some 3 % too high for two or three things and exact
   * for many.
   *
   * @param things how many there are to be drawn, at least two
   */
  public static double limit(int things) {
    double freedom = things - 1;
    double spread = 2 / (9 * freedom);
    return freedom * Math.pow(1 - spread + QUANTILE * Math.sqrt(spread), 3);
  }
}
