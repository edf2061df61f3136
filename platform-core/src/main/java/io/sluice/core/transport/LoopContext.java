package io.sluice.core.transport;

import io.netty.channel.EventLoop;

/**
 * One event loop with what is kept for it alone. Everything that lives on the loop finds its own
 * state by {@link #index}, without a lock.
 */
public final class LoopContext {

  private final EventLoop loop;
  private final int index;
  private final DeadlineWheel deadlines;
  private final DeadlineWheel shortDeadlines;

  LoopContext(EventLoop loop, int index) {
    this.loop = loop;
    this.index = index;
    this.deadlines = new DeadlineWheel(loop, DeadlineWheel.TICK_NANOS);
    this.shortDeadlines = new DeadlineWheel(loop, DeadlineWheel.SHORT_TICK_NANOS);
  }

  /** The loop. */
  public EventLoop loop() {
    return loop;
  }

  /** From 0 to one less than {@link EventLoops#size}. */
  public int index() {
    return index;
  }

  /** The deadlines of this loop. */
  public DeadlineWheel deadlines() {
    return deadlines;
  }

  /** Those that are to be kept to the millisecond: it ticks often while one is set. */
  public DeadlineWheel shortDeadlines() {
    return shortDeadlines;
  }
}
