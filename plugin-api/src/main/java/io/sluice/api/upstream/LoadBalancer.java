package io.sluice.api.upstream;

import java.util.List;

/**
 * Picks an endpoint for an attempt. One instance for each upstream.
 *
 * <p>The core decides who may be picked (healthy, not ejected, enabled, right tier) and tells the
 * balancer whenever that set changes; the balancer turns the set into an immutable {@link Picker},
 * which the event loops then share without a lock. So tables (Maglev), rings and weighted sequences
 * are built off the hot path, while state that must outlive a change (EWMA, counters) lives in an
 * {@link EndpointSlot}.
 */
public interface LoadBalancer extends AutoCloseable {

  /**
   * Makes the picker for a new set of candidates. Called on one thread at a time, never on an event
   * loop; may take some milliseconds. Several pickers may serve side by side, each with candidates
   * of its own: of one zone, of one priority.
   *
   * @param candidates at least one, in the order of the configuration; immutable
   */
  Picker picker(List<Endpoint> candidates);

  /** An attempt's request is about to go out to {@code endpoint}. On an event loop. */
  default void onAttemptStart(Endpoint endpoint) {}

  /** That attempt ended. On the same event loop. Called exactly once for each start. */
  default void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {}

  /** No exchange uses this balancer any longer. */
  @Override
  default void close() {}

  /**
   * Picks among one set of candidates. Called on every event loop at once; must not block or lock.
   */
  interface Picker {

    /**
     * The endpoint for this attempt. An answer that {@link PickRequest#excluded} forbids is asked
     * for again, and then overruled by the core.
     */
    Endpoint pick(PickRequest request);
  }
}
