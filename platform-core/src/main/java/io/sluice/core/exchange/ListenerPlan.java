package io.sluice.core.exchange;

import io.sluice.core.observe.StatusCounters;
import java.util.List;

/** What a generation says of one listener. Immutable. */
public final class ListenerPlan {

  private final int index;
  private final String name;
  private final MiddlewareBinding[] chain;
  private final StatusCounters unrouted;

  /**
   * A plan.
   *
   * @param index its place in {@link Generation#listeners}
   * @param middleware what runs before routing
   * @param unrouted counts the exchanges that no route took
   */
  public ListenerPlan(
      int index, String name, List<MiddlewareBinding> middleware, StatusCounters unrouted) {
    this.index = index;
    this.name = name;
    this.chain = middleware.toArray(new MiddlewareBinding[0]);
    this.unrouted = unrouted;
  }

  /** Its place among the listeners. */
  public int index() {
    return index;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  MiddlewareBinding[] chain() {
    return chain;
  }

  StatusCounters unrouted() {
    return unrouted;
  }
}
