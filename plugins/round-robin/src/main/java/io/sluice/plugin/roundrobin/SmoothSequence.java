package io.sluice.plugin.roundrobin;

import java.util.Arrays;

/**
 * One period of smooth weighted round robin, the algorithm that nginx introduced in 1.3.1 ({@code
 * ngx_http_upstream_round_robin.c}): each step adds every weight to its endpoint's credit, takes
 * the endpoint with the most credit (the first of equals), and charges it the sum of the weights.
 * Weights 5, 1, 1 give {@code a a b a c a a}, not {@code a a a a a b c}. Credits are back at zero
 * after as many steps as the weights sum up to, so one period can be laid out beforehand and shared
 * without a lock.
 *
 * <p>Weights are taken to two decimals, for endpoints in slow start, then divided by their greatest
 * common divisor. A period longer than {@link #MAX_LENGTH} is scaled down to it, every endpoint
 * keeping at least one turn.
 */
final class SmoothSequence {

  /** The longest period that is laid out, unless there are more endpoints than that. */
  static final int MAX_LENGTH = 16_384;

  private static final double DECIMALS = 100;

  private SmoothSequence() {}

  /**
   * Indexes into {@code weights} in the order of their turns.
   *
   * @param weights at least one, each above 0
   */
  static int[] of(double[] weights) {
    long[] shares = shares(weights);
    long total = Arrays.stream(shares).sum();
    long[] credits = new long[shares.length];
    int[] sequence = new int[Math.toIntExact(total)];
    for (int turn = 0; turn < sequence.length; turn++) {
      int best = 0;
      for (int i = 0; i < shares.length; i++) {
        credits[i] += shares[i];
        if (credits[i] > credits[best]) {
          best = i;
        }
      }
      credits[best] -= total;
      sequence[turn] = best;
    }
    return sequence;
  }

  private static long[] shares(double[] weights) {
    long[] shares = new long[weights.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.max(1, Math.round(weights[i] * DECIMALS));
    }
    reduce(shares);
    long total = Arrays.stream(shares).sum();
    if (total > Math.max(MAX_LENGTH, shares.length)) {
      double scale = (double) Math.max(MAX_LENGTH - shares.length, 0) / total;
      for (int i = 0; i < shares.length; i++) {
        shares[i] = 1 + (long) (shares[i] * scale);
      }
      reduce(shares);
    }
    return shares;
  }

  private static void reduce(long[] shares) {
    long divisor = 0;
    for (long share : shares) {
      divisor = greatestCommonDivisor(share, divisor);
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= divisor;
    }
  }

  private static long greatestCommonDivisor(long a, long b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }
}
