package io.sluice.core.transport;

import io.netty.channel.EventLoop;
import io.sluice.core.plugin.Fatal;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deadlines of one event loop: a hashed timing wheel (Varghese and Lauck, 1987, scheme 6) with
 * ticks of 20 ms, or of 1 ms for those that are to be exact. A deadline that moves later stays in
 * its slot until that comes round and is then hung further on, so that putting off a timeout on
 * each request costs a store and no allocation.
 *
 * <p>Deadlines fire up to one tick late, never early. The wheel ticks only while something hangs in
 * it.
 */
public final class DeadlineWheel {

  private static final Logger log = LoggerFactory.getLogger(DeadlineWheel.class);

  static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  static final long SHORT_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int SLOTS = 1024;

  private final @Nullable Deadline[] slots = new @Nullable Deadline[SLOTS];
  private final @Nullable EventLoop loop;
  private final LongSupplier clock;
  private final long tickNanos;
  private final long origin;
  private long ticked;
  private int hanging;
  private @Nullable ScheduledFuture<?> ticking;

  /** A wheel of {@code loop}. */
  DeadlineWheel(EventLoop loop, long tickNanos) {
    this(loop, System::nanoTime, tickNanos);
  }

  /** A wheel with a clock of its own; without a loop it is driven by {@link #advance}. */
  DeadlineWheel(@Nullable EventLoop loop, LongSupplier clock) {
    this(loop, clock, TICK_NANOS);
  }

  private DeadlineWheel(@Nullable EventLoop loop, LongSupplier clock, long tickNanos) {
    this.loop = loop;
    this.clock = clock;
    this.tickNanos = tickNanos;
    this.origin = clock.getAsLong();
  }

  /** The time by which deadlines are set, in nanoseconds from an arbitrary origin. */
  public long now() {
    return clock.getAsLong();
  }

  void place(Deadline deadline) {
    if (hanging == 0) {
      ticked = Math.max(ticked, (now() - origin) / tickNanos);
    }
    long tick = tickOf(deadline.due);
    if (deadline.slotted) {
      if (deadline.tick <= tick) {
        return;
      }
      unlink(deadline);
    }
    link(deadline, tick);
    if (ticking == null && loop != null) {
      ticking = loop.scheduleAtFixedRate(this::advance, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
    }
  }

  private long tickOf(long due) {
    return Math.max(ticked + 1, (due - origin + tickNanos - 1) / tickNanos);
  }

  private void link(Deadline deadline, long tick) {
    // Never further than one turn: a later deadline is hung on again when its slot comes round.
    long reachable = Math.min(tick, ticked + SLOTS - 1);
    int slot = (int) (reachable % SLOTS);
    Deadline head = slots[slot];
    deadline.tick = reachable;
    deadline.slotted = true;
    deadline.previous = null;
    deadline.next = head;
    if (head != null) {
      head.previous = deadline;
    }
    slots[slot] = deadline;
    hanging++;
  }

  void unlink(Deadline deadline) {
    if (!deadline.slotted) {
      return;
    }
    Deadline previous = deadline.previous;
    Deadline next = deadline.next;
    if (previous == null) {
      slots[(int) (deadline.tick % SLOTS)] = next;
    } else {
      previous.next = next;
    }
    if (next != null) {
      next.previous = previous;
    }
    deadline.previous = null;
    deadline.next = null;
    deadline.slotted = false;
    hanging--;
  }

  /** Runs what has come due. */
  void advance() {
    long now = now();
    long until = (now - origin) / tickNanos;
    if (hanging == 0) {
      ticked = until;
    }
    while (ticked < until) {
      ticked++;
      visit((int) (ticked % SLOTS), now);
    }
    if (hanging == 0 && ticking != null) {
      ticking.cancel(false);
      ticking = null;
    }
  }

  private void visit(int slot, long now) {
    Deadline deadline = slots[slot];
    while (deadline != null) {
      Deadline current = deadline;
      if (current.tick > ticked) {
        deadline = current.next;
        continue;
      }
      unlink(current);
      if (current.due == Deadline.NEVER) {
        deadline = slots[slot];
        continue;
      }
      if (current.due - now > 0) {
        link(current, tickOf(current.due));
      } else {
        current.due = Deadline.NEVER;
        run(current);
      }
      deadline = slots[slot];
    }
  }

  private static void run(Deadline deadline) {
    try {
      deadline.action.run();
    } catch (Throwable e) {
      Fatal.rethrow(e); // of all else one deadline must not keep the wheel from its others
      log.error("a deadline's action failed", e);
    }
  }
}
