package io.sluice.core.route;

/**
 * How important the requests of a route are: where an upstream has no room for all, a concurrency
 * limiter turns the less important away first.
 */
public enum Priority {
  /** The last to be turned away. */
  CRITICAL(0),
  /** More important than most. */
  HIGH(1),
  /** What nobody said anything about. */
  NORMAL(2),
  /** The first to be turned away. */
  LOW(3);

  private final int level;

  Priority(int level) {
    this.level = level;
  }

  /** What concurrency limiters are told: 0 is most important. */
  public int level() {
    return level;
  }
}
