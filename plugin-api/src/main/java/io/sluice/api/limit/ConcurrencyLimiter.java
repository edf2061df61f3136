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

  /**
   * The attempt ended well: its time is a sample.
   *
   * @param nanos from the attempt's start to the response head; how fast a client reads the content
   *     is not in it
   * @param inFlightAtStart permits taken when the attempt began, its own included
   */
  void onSuccess(long nanos, int inFlightAtStart);

  /** The attempt timed out, or the endpoint turned it away for overload (429, 503). */
  void onDropped();

  /** The attempt says nothing about load: cancelled, refused connection, another error or 5xx. */
  void onIgnored();

  /** The limit at present. */
  int limit();

  /** Permits taken at present. */
  int inFlight();

  /** No upstream uses this limiter any longer. */
  @Override
  default void close() {}
}
