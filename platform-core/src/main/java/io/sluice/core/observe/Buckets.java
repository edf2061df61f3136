package io.sluice.core.observe;

/**
 * The upper bounds of a histogram and the way from a value to its bucket: the exponent and the two
 * bits below it choose the first bucket that can hold the value, and one or two comparisons decide.
 * Immutable.
 */
final class Buckets {

  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;

  /** For whole exchanges and attempts: 100 µs to 60 s. */
  static final Buckets LATENCY =
      new Buckets(
          100 * MICRO,
          250 * MICRO,
          500 * MICRO,
          MILLI,
          2_500 * MICRO,
          5 * MILLI,
          10 * MILLI,
          25 * MILLI,
          50 * MILLI,
          100 * MILLI,
          250 * MILLI,
          500 * MILLI,
          SECOND,
          2_500 * MILLI,
          5 * SECOND,
          10 * SECOND,
          30 * SECOND,
          60 * SECOND);

  /** For the proxy's own share of an exchange: 5 µs to 1 s. */
  static final Buckets PROCESSING =
      new Buckets(
          5 * MICRO,
          10 * MICRO,
          25 * MICRO,
          50 * MICRO,
          100 * MICRO,
          250 * MICRO,
          500 * MICRO,
          MILLI,
          2_500 * MICRO,
          5 * MILLI,
          10 * MILLI,
          25 * MILLI,
          50 * MILLI,
          100 * MILLI,
          250 * MILLI,
          500 * MILLI,
          SECOND);

  private static final int SUB_BITS = 2;

  private final long[] bounds;
  private final byte[] firstBucket = new byte[64 << SUB_BITS];

  /**
   * Buckets up to each bound, itself included, and one for everything above.
   *
   * @param upperNanos rising, from 8 on, at most 126
   */
  Buckets(long... upperNanos) {
    bounds = new long[upperNanos.length + 1];
    long below = 7;
    for (int i = 0; i < upperNanos.length; i++) {
      if (upperNanos[i] <= below) {
        throw new IllegalArgumentException("bounds must rise from 8 ns: " + upperNanos[i]);
      }
      below = upperNanos[i];
      bounds[i] = below;
    }
    bounds[upperNanos.length] = Long.MAX_VALUE;
    for (int key = SUB_BITS << SUB_BITS; key < firstBucket.length; key++) {
      firstBucket[key] = (byte) firstAtLeast(smallestWith(key));
    }
  }

  /** The bucket of a value of at least 0. */
  int indexOf(long nanos) {
    int bucket = firstBucket[keyOf(nanos)];
    while (nanos > bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** How many buckets there are, the unbounded one included. */
  int count() {
    return bounds.length;
  }

  /** The upper bounds in seconds; the last is infinite. */
  double[] upperSeconds() {
    double[] seconds = new double[bounds.length];
    for (int i = 0; i < seconds.length - 1; i++) {
      seconds[i] = bounds[i] / 1e9;
    }
    seconds[seconds.length - 1] = Double.POSITIVE_INFINITY;
    return seconds;
  }

  /** The exponent of {@code nanos} and the two bits that follow; below 4 that of 4 to 7. */
  private static int keyOf(long nanos) {
    long value = Math.max(nanos, 1L << SUB_BITS);
    int exponent = 63 - Long.numberOfLeadingZeros(value);
    int mantissa = (int) (value >>> (exponent - SUB_BITS)) & ((1 << SUB_BITS) - 1);
    return (exponent << SUB_BITS) | mantissa;
  }

  private static long smallestWith(int key) {
    int exponent = key >>> SUB_BITS;
    long mantissa = key & ((1 << SUB_BITS) - 1);
    return ((1L << SUB_BITS) | mantissa) << (exponent - SUB_BITS);
  }

  private int firstAtLeast(long nanos) {
    int bucket = 0;
    // Keys of exponent 63 are negative as longs; no value has them.
    while (nanos > bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }
}
