package io.sluice.core.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Sums that every thread adds to in cells of its own; reading adds up the cells. An event loop adds
 * with a plain load and store, made opaque so that readers see them in time; threads that share
 * cells add atomically. Cells are allocated by the thread that first writes to them.
 */
final class Cells {

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private final int size;
  private final AtomicReferenceArray<long[]> byOwner =
      new AtomicReferenceArray<>(CellOwner.NUMBERS);

  /** {@code size} sums of 0. */
  Cells(int size) {
    this.size = size;
  }

  /** Adds to one sum. */
  void add(int index, long amount) {
    int owner = CellOwner.current();
    add(owner, of(owner), index, amount);
  }

  /**
   * Adds 1 to the sum at {@code counted}, {@code amount} to that at {@code index}; answers what it
   * is then in this cell.
   */
  long addBoth(int counted, int index, long amount) {
    int owner = CellOwner.current();
    long[] cells = of(owner);
    add(owner, cells, counted, 1);
    return add(owner, cells, index, amount);
  }

  /** One sum, over all cells; what is added meanwhile may or may not be in it. */
  long sum(int index) {
    long sum = 0;
    for (int owner = 0; owner < CellOwner.NUMBERS; owner++) {
      long[] cells = byOwner.get(owner);
      if (cells != null) {
        sum += (long) LONGS.getOpaque(cells, index);
      }
    }
    return sum;
  }

  private static long add(int owner, long[] cells, int index, long amount) {
    if (owner == CellOwner.SHARED) {
      return (long) LONGS.getAndAdd(cells, index, amount) + amount;
    }
    long sum = (long) LONGS.getOpaque(cells, index) + amount;
    LONGS.setOpaque(cells, index, sum);
    return sum;
  }

  private long[] of(int owner) {
    long @Nullable [] cells = byOwner.get(owner);
    return cells != null ? cells : create(owner);
  }

  private long[] create(int owner) {
    long[] fresh = new long[size];
    long[] before = byOwner.compareAndExchange(owner, null, fresh);
    return before != null ? before : fresh;
  }
}
