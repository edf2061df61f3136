package io.sluice.plugin.outlierstandard;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts that only grow, on stripes by thread so that event loops do not wait for each other's
 * cache lines. Read now and then as a whole: the difference of two reads is what happened between
 * them, and nothing is ever reset. A count that passes the range of an int wraps, and differences
 * stay right.
 */
final class Tally {

  private static final int MAX_STRIPES = 8;

  private final AtomicIntegerArray[] stripes;

  Tally(int cells) {
    this(cells, Runtime.getRuntime().availableProcessors());
  }

  Tally(int cells, int threads) {
    int count = 1;
    while (count < threads && count < MAX_STRIPES) {
      count *= 2;
    }
    stripes = new AtomicIntegerArray[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new AtomicIntegerArray(cells);
    }
  }

  void increment(int cell) {
    int stripe = (int) Thread.currentThread().getId() & (stripes.length - 1);
    stripes[stripe].getAndIncrement(cell);
  }

  /** Every count at present. */
  int[] read() {
    int[] sums = new int[stripes[0].length()];
    for (AtomicIntegerArray stripe : stripes) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += stripe.getPlain(i);
      }
    }
    return sums;
  }
}
