package io.sluice.plugin.consistenthash;

import java.util.Arrays;

/**
 * A ring of points (D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997): an
 * endpoint owns the hashes from the point before each of its points up to that point. With the
 * points of an endpoint the share of hashes it owns gets even: of k points the relative standard
 * deviation is about 1/√k.
 *
 * <p>The number of points for one unit of weight is a power of two, so that it seldom changes when
 * endpoints come or go, and then an endpoint's points stay or are halved. It is chosen for {@value
 * #POINTS_PER_ENDPOINT} points or more an endpoint on average, at least {@code min-points} in all
 * and at most {@code max-points}; rounding up may add one for each endpoint. An endpoint's points
 * are the hashes of its id seeded with 0, 1, 2 and so on, so every proxy that knows the same
 * endpoints has the same ring.
 *
 * <p>An index by the leading bits of the hash makes a lookup one or two steps, however many points
 * there are.
 */
final class RingLayout implements Layout {

  /** A deviation of 1/√512, 4.4 %. */
  static final int POINTS_PER_ENDPOINT = 512;

  /** In order; the low bits, {@link #ownerMask}, are the index of the owner. */
  private final long[] points;

  private final long ownerMask;

  /** For each value of a hash's leading bits the first point that is not before them. */
  private final int[] starts;

  private final int startShift;

  private RingLayout(long[] points, long ownerMask) {
    this.points = points;
    this.ownerMask = ownerMask;
    int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(points.length - 1));
    this.startShift = 64 - bits;
    this.starts = new int[1 << bits];
    int point = 0;
    for (int i = 0; i < starts.length; i++) {
      long begin = ordered((long) i << startShift);
      while (point < points.length && points[point] < begin) {
        point++;
      }
      starts[i] = point;
    }
  }

  /**
   * Lays out a ring.
   *
   * @param minPoints at most half of {@code maxPoints}
   */
  static RingLayout of(String[] ids, int[] weights, int minPoints, int maxPoints) {
    double perWeight = pointsPerWeight(weights, minPoints, maxPoints);
    int ownerBits = 32 - Integer.numberOfLeadingZeros(Math.max(1, ids.length - 1));
    long ownerMask = (1L << ownerBits) - 1;
    int total = 0;
    for (int weight : weights) {
      total += count(weight, perWeight);
    }
    long[] points = new long[total];
    int next = 0;
    for (int i = 0; i < ids.length; i++) {
      int count = count(weights[i], perWeight);
      for (int seed = 0; seed < count; seed++) {
        points[next++] = ordered((XxHash64.hash(ids[i], seed) & ~ownerMask) | i);
      }
    }
    Arrays.sort(points);
    return new RingLayout(points, ownerMask);
  }

  private static double pointsPerWeight(int[] weights, int minPoints, int maxPoints) {
    long sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    long wanted = (long) POINTS_PER_ENDPOINT * weights.length;
    double aim = Math.min(Math.max(wanted, minPoints), maxPoints);
    double perWeight = 1;
    while (perWeight * sum < aim) {
      perWeight *= 2;
    }
    while (perWeight * sum >= 2 * aim || perWeight * sum > maxPoints) {
      perWeight /= 2;
    }
    return perWeight;
  }

  private static int count(int weight, double perWeight) {
    return (int) Math.ceil(weight * perWeight);
  }

  /** Makes the order of signed numbers that of unsigned ones. */
  private static long ordered(long unsigned) {
    return unsigned ^ Long.MIN_VALUE;
  }

  @Override
  public int size() {
    return points.length;
  }

  @Override
  public int slot(long hash) {
    long wanted = ordered(hash);
    int at = starts[(int) (hash >>> startShift)];
    while (at < points.length && points[at] < wanted) {
      at++;
    }
    return at == points.length ? 0 : at;
  }

  @Override
  public int owner(int slot) {
    return (int) (points[slot] & ownerMask);
  }
}
