package io.sluice.core.transport;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens when its time comes, unless it is moved or cleared before. Owned by one
 * object for its whole life and moved often; belongs to one event loop, as its {@link
 * DeadlineWheel} does.
 */
public final class Deadline {

  /** Not set. */
  static final long NEVER = Long.MAX_VALUE;

  private final DeadlineWheel wheel;
  final Runnable action;

  /** When the action is due, by the wheel's clock. */
  long due = NEVER;

  /** The tick of the slot it hangs in; meaningless while {@link #slotted} is false. */
  long tick;

  boolean slotted;
  @Nullable Deadline previous;
  @Nullable Deadline next;

  /**
   * A deadline that is not set.
   *
   * @param action runs on the loop; whatever it throws is logged
   */
  public Deadline(DeadlineWheel wheel, Runnable action) {
    this.wheel = wheel;
    this.action = action;
  }

  /**
   * Sets or moves it.
   *
   * @param nanos from now; {@link Long#MAX_VALUE} clears it
   */
  public void after(long nanos) {
    if (nanos == NEVER) {
      due = NEVER;
    } else {
      at(wheel.now() + nanos, nanos);
    }
  }

  /** As {@link #after(long)}, with a reading of {@link DeadlineWheel#now} at hand. */
  public void after(long now, long nanos) {
    if (nanos == NEVER) {
      due = NEVER;
    } else {
      at(now + nanos, nanos);
    }
  }

  private void at(long time, long nanos) {
    due = nanos > NEVER / 2 ? NEVER : time;
    if (due != NEVER) {
      wheel.place(this);
    }
  }

  /** Unsets it: the action will not run until it is set again. */
  public void clear() {
    due = NEVER;
  }

  /** Whether it is set. */
  public boolean isSet() {
    return due != NEVER;
  }

  /** Takes it off the wheel, for an owner that goes away. */
  public void remove() {
    due = NEVER;
    wheel.unlink(this);
  }
}
