package io.sluice.plugin.outlierstandard;

import java.util.concurrent.TimeUnit;

/**
 * Sorts times into buckets: below 8 µs one for each microsecond, above that eight for every
 * doubling, so a bucket is at most 12.5 % wide (the layout of HdrHistogram by G. Tene, with three
 * bits of precision). Times over 35 minutes share the last one.
 */
final class Times {

  private static final int BITS = 3;
  private static final int PER_DOUBLING = 1 << BITS;
  private static final int TOP = 31;

  /** How many buckets there are. */
  static final int BUCKETS = PER_DOUBLING * (TOP - BITS + 1);

  private Times() {}

  /** The bucket of a time. */
  static int bucket(long nanos) {
    long micros = nanos < 0 ? 0 : nanos / 1000;
    if (micros < PER_DOUBLING) {
      return (int) micros;
    }
    int doubling = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros);
    if (doubling >= TOP) {
      return BUCKETS - 1;
    }
    int within = (int) (micros >> (doubling - BITS)) & (PER_DOUBLING - 1);
    return PER_DOUBLING * (doubling - BITS + 1) + within;
  }

  /** The middle of a bucket, in nanoseconds. */
  static long nanos(int bucket) {
    if (bucket < PER_DOUBLING) {
      return TimeUnit.MICROSECONDS.toNanos(bucket) + 500;
    }
    int doubling = bucket / PER_DOUBLING + BITS - 1;
    long width = 1L << (doubling - BITS);
    long from = (PER_DOUBLING + bucket % PER_DOUBLING) * width;
    return TimeUnit.MICROSECONDS.toNanos(from) + width * 500;
  }

  /**
   * A quantile.
   *
   * @param counts a tally in which the buckets begin at {@code offset}
   * @param total how many times there are, more than 0
   */
  static long quantile(int[] counts, int offset, long total, double quantile) {
    long wanted = Math.max(1, (long) Math.ceil(quantile * total));
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      seen += counts[offset + bucket];
      if (seen >= wanted) {
        return nanos(bucket);
      }
    }
    return nanos(BUCKETS - 1);
  }
}
