package io.sluice.core.exchange;

import io.sluice.core.observe.StatusCounters;
import io.sluice.core.tunnel.TunnelPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a generation says of one listener. Immutable. */
public final class ListenerPlan {

  private final int index;
  private final String name;
  private final MiddlewareBinding[] chain;
  private final StatusCounters unrouted;
  private final @Nullable TunnelPlan tunnel;

  /**
   * A plan.
   *
   * @param index its place in {@link Generation#listeners}
   * @param middleware what runs before routing
   * @param unrouted counts the exchanges that no route took
   * @param tunnel where connections go; null where HTTP is spoken
   */
  public ListenerPlan(
      int index,
      String name,
      List<MiddlewareBinding> middleware,
      StatusCounters unrouted,
      @Nullable TunnelPlan tunnel) {
    this.index = index;
    this.name = name;
    this.chain = middleware.toArray(new MiddlewareBinding[0]);
    this.unrouted = unrouted;
    this.tunnel = tunnel;
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

  /** Where connections go; null where HTTP is spoken. */
  public @Nullable TunnelPlan tunnel() {
    return tunnel;
  }

  StatusCounters unrouted() {
    return unrouted;
  }
}
