package io.sluice.core.observe;

import com.codahale.metrics.Counting;
import io.sluice.api.observe.Meters;

/**
 * A distribution of times over fixed buckets, exposed in seconds. From {@link MeterScope}; from any
 * thread; lock-free, and without allocation after a thread's first record.
 */
public final class Histogram implements Meters.Timer, OwnMeter, Counting {

  /** Where a cell's sum stops; what is above is kept as a number of folds, lest it overflow. */
  private static final long FOLD_NANOS = 1L << 61;

  private final Buckets buckets;
  private final int sumIndex;
  private final int foldIndex;
  private final Cells cells;

  Histogram(Buckets buckets) {
    this.buckets = buckets;
    this.sumIndex = buckets.count();
    this.foldIndex = buckets.count() + 1;
    this.cells = new Cells(buckets.count() + 2);
  }

  /** Records one time in nanoseconds; a negative one counts as 0, one over 73 years as 73 years. */
  @Override
  public void record(long nanos) {
    long value = Math.min(Math.max(nanos, 0), FOLD_NANOS);
    long sum = cells.addBoth(buckets.indexOf(value), sumIndex, value);
    if (sum >= FOLD_NANOS) {
      fold();
    }
  }

  /** How many times were recorded. */
  @Override
  public long getCount() {
    long count = 0;
    for (long inBucket : counts()) {
      count += inBucket;
    }
    return count;
  }

  /** The sum of all recorded times in seconds. */
  public double sumSeconds() {
    return cells.sum(foldIndex) * (FOLD_NANOS / 1e9) + cells.sum(sumIndex) / 1e9;
  }

  /**
   * An estimate of a quantile in seconds, linear inside its bucket; in the unbounded bucket the
   * greatest bound.
   *
   * @param quantile from 0 to 1
   * @return NaN before anything was recorded
   */
  public double quantileSeconds(double quantile) {
    long[] counts = counts();
    long total = 0;
    for (long inBucket : counts) {
      total += inBucket;
    }
    if (total == 0) {
      return Double.NaN;
    }
    double[] upper = buckets.upperSeconds();
    double rank = quantile * total;
    long before = 0;
    for (int i = 0; i < counts.length - 1; i++) {
      if (counts[i] > 0 && before + counts[i] >= rank) {
        double lower = i == 0 ? 0 : upper[i - 1];
        return lower + (upper[i] - lower) * Math.max(0, rank - before) / counts[i];
      }
      before += counts[i];
    }
    return upper[upper.length - 2];
  }

  /** The number of times in each bucket, not cumulated. */
  long[] counts() {
    long[] counts = new long[buckets.count()];
    for (int bucket = 0; bucket < counts.length; bucket++) {
      counts[bucket] = cells.sum(bucket);
    }
    return counts;
  }

  Buckets buckets() {
    return buckets;
  }

  private void fold() {
    cells.addBoth(foldIndex, sumIndex, -FOLD_NANOS);
  }
}
