package io.sluice.api.limit;

/**
 * Bounds how many attempts run at once, possibly by a limit that it learns. One instance for each
 * upstream; called on every event loop; must not block.
 */
public interface ConcurrencyLimiter extends AutoCloseable {

  /**
   * Takes a permit. A {@code true} is followed by exactly one of {@link #onSuccess}, {@link
   * #onDropped} and {@link #onIgnored}.
   *
   * @param priority 0 is most important; health checks and the admin API never ask
   */
  boolean tryAcquire(int priority);

  /** The attempt ended well: its time is a sample. */
  void onSuccess(long durationNanos, int inFlightAtStart);

  /** The attempt timed out or was refused for overload. */
  void onDropped();

  /** The attempt says nothing about load (cancelled, refused connection). */
  void onIgnored();

  /** The limit at present. */
  int limit();

  /** Permits taken at present. */
  int inFlight();

  /** No upstream uses this limiter any longer. */
  @Override
  default void close() {}
}
