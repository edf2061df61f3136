package io.sluice.core.upstream;

import java.util.concurrent.TimeUnit;

/**
 * How long responses took in the last half minute, as a log-linear histogram (the structure of G.
 * Tene's HdrHistogram, with eight steps in each power of two): a percentile is at most an eighth
 * too high, never too low.
 *
 * <p>Each event loop counts in cells of its own, which nobody else writes and nobody resets; {@link
 * #tick} compares what they say with what they said {@link #SECONDS} ago. So recording is one plain
 * addition, and a reader that sees a count late sees it at the next tick.
 */
final class RecentLatency {

  /** How far back it looks. */
  static final int SECONDS = 30;

  /** 2^16 ns, 66 µs: everything faster counts as that. */
  private static final int LOWEST = 16;

  /** 2^37 ns, 137 s: everything slower counts as that. */
  private static final int HIGHEST = 37;

  private static final int STEPS = 8;
  private static final int CELLS = (HIGHEST - LOWEST) * STEPS;

  private final long[][] counts;
  private final long[][] past = new long[SECONDS][CELLS];
  private final long[] window = new long[CELLS];
  private int second;

  RecentLatency(int loops) {
    counts = new long[loops][CELLS];
  }

  /** A response took so long. On the loop of that index. */
  void record(int loop, long nanos) {
    counts[loop][cell(nanos)]++;
  }

  static int cell(long nanos) {
    if (nanos < 1L << LOWEST) {
      return 0;
    }
    int power = 63 - Long.numberOfLeadingZeros(nanos);
    if (power >= HIGHEST) {
      return CELLS - 1;
    }
    int step = (int) (nanos >>> (power - 3)) & (STEPS - 1);
    return (power - LOWEST) * STEPS + step;
  }

  /** The upper end of a cell, in nanoseconds. */
  static long upperEnd(int cell) {
    int power = LOWEST + cell / STEPS;
    return (1L << power) + ((cell % STEPS + 1L) << (power - 3));
  }

  /** A second has passed. On one thread at a time. */
  void tick() {
    long[] oldest = past[second];
    for (int cell = 0; cell < CELLS; cell++) {
      long now = 0;
      for (long[] loop : counts) {
        now += loop[cell];
      }
      window[cell] = now - oldest[cell];
      oldest[cell] = now;
    }
    second = (second + 1) % SECONDS;
  }

  /**
   * The time within which a share of the responses of the window came.
   *
   * @param percentile above 0, below 1
   * @return nanoseconds, or −1 while there are fewer than {@code minSamples}
   */
  long percentileNanos(double percentile, int minSamples) {
    long total = 0;
    for (long count : window) {
      total += count;
    }
    if (total < minSamples) {
      return -1;
    }
    long rank = (long) Math.ceil(percentile * total);
    long seen = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      seen += window[cell];
      if (seen >= rank) {
        return upperEnd(cell);
      }
    }
    return TimeUnit.SECONDS.toNanos(SECONDS);
  }
}
