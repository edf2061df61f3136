package io.sluice.core.observe;

import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the event-loop threads, so that each may write to cells of its own without atomic
 * instructions. Other threads, and loops beyond the bound, share number 0. A thread that ends gives
 * its number to a later one.
 */
final class CellOwner {

  /** The number whose cells are written by many threads. */
  static final int SHARED = 0;

  /** Numbers run from 0 to here, not included: a loop for each core, the admin loop, and some. */
  static final int NUMBERS = Math.min(64, Runtime.getRuntime().availableProcessors() + 4);

  private static final AtomicInteger NEXT = new AtomicInteger(SHARED + 1);
  private static final ConcurrentLinkedQueue<Integer> FREE = new ConcurrentLinkedQueue<>();

  private static final FastThreadLocal<CellOwner> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected CellOwner initialValue() {
          return new CellOwner(take());
        }

        @Override
        protected void onRemoval(CellOwner owner) {
          if (owner.number != SHARED) {
            FREE.add(owner.number);
          }
        }
      };

  private final int number;

  private CellOwner(int number) {
    this.number = number;
  }

  /** The number of the calling thread; unless it is SHARED, no other thread has it. */
  static int current() {
    return Thread.currentThread() instanceof FastThreadLocalThread ? CURRENT.get().number : SHARED;
  }

  private static int take() {
    @Nullable Integer free = FREE.poll();
    if (free != null) {
      return free;
    }
    int next = NEXT.getAndUpdate(number -> Math.min(number + 1, NUMBERS));
    return next < NUMBERS ? next : SHARED;
  }
}
