package io.sluice.core.observe;

import com.codahale.metrics.Counting;
import io.sluice.api.observe.Meters;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A distribution of times over fixed buckets, exposed in seconds. From {@link MeterScope}; from any
 * thread; lock-free, and without allocation after a thread's first record.
 *
 * <p>Each stripe holds the buckets and the sum side by side; threads spread over the stripes by
 * their id, so that event loops seldom share one.
 */
public final class Histogram implements Meters.Timer, OwnMeter, Counting {

  private static final int STRIPES =
      Math.min(16, Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 2 - 1));

  /** Longs before and after the counters, so that two stripes share no cache line. */
  private static final int PADDING = 8;

  /** When a stripe's sum passes this, a reader moves it aside long before it can overflow. */
  private static final long FOLD_NANOS = 1L << 61;

  private final Buckets buckets;
  private final int sumIndex;
  private final AtomicReferenceArray<AtomicLongArray> stripes = new AtomicReferenceArray<>(STRIPES);
  private double foldedSeconds;

  Histogram(Buckets buckets) {
    this.buckets = buckets;
    this.sumIndex = PADDING + buckets.count();
  }

  /** Records one time in nanoseconds; a negative one counts as 0. */
  @Override
  public void record(long nanos) {
    long value = Math.max(nanos, 0);
    AtomicLongArray stripe = stripe();
    stripe.getAndAdd(PADDING + buckets.indexOf(value), 1);
    stripe.getAndAdd(sumIndex, value);
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
  public synchronized double sumSeconds() {
    double seconds = foldedSeconds;
    for (int i = 0; i < STRIPES; i++) {
      AtomicLongArray stripe = stripes.get(i);
      if (stripe == null) {
        continue;
      }
      long nanos = stripe.get(sumIndex);
      if (nanos > FOLD_NANOS) {
        stripe.getAndAdd(sumIndex, -FOLD_NANOS);
        foldedSeconds += FOLD_NANOS / 1e9;
      }
      seconds += nanos / 1e9;
    }
    return seconds;
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
    for (int i = 0; i < STRIPES; i++) {
      AtomicLongArray stripe = stripes.get(i);
      if (stripe != null) {
        for (int bucket = 0; bucket < counts.length; bucket++) {
          counts[bucket] += stripe.get(PADDING + bucket);
        }
      }
    }
    return counts;
  }

  Buckets buckets() {
    return buckets;
  }

  private AtomicLongArray stripe() {
    int index = (int) Thread.currentThread().getId() & (STRIPES - 1);
    @Nullable AtomicLongArray stripe = stripes.get(index);
    return stripe != null ? stripe : newStripe(index);
  }

  private AtomicLongArray newStripe(int index) {
    AtomicLongArray fresh = new AtomicLongArray(sumIndex + 1 + PADDING);
    AtomicLongArray before = stripes.compareAndExchange(index, null, fresh);
    return before != null ? before : fresh;
  }
}
