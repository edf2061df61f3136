package io.sluice.core.exchange;

import io.sluice.api.observe.AccessLog;
import io.sluice.core.route.Route;
import io.sluice.core.route.RouteTable;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One whole configuration, ready to serve: immutable, published by one volatile write. Every
 * exchange pins the generation it began on until it ends; once another one has taken over and the
 * last pin is gone, what only this one used is closed.
 */
public final class Generation {

  private final long number;
  private final RouteTable routes;
  private final RoutePlan[] plans;
  private final List<ListenerPlan> listeners;
  private final @Nullable AccessLog accessLog;
  private final int attributes;

  /** Exchanges under way by loop index, a cache line apart; each written on its own loop only. */
  private final int[] pins;

  private final boolean[] retired;
  private final boolean[] drained;
  private final AtomicInteger loopsLeft;
  private @Nullable Runnable onDrained;

  /**
   * A generation.
   *
   * @param plans by {@link Route#index}
   * @param listeners by {@link ListenerPlan#index}
   * @param accessLog null for none
   * @param attributes places in an exchange for the state of plugins
   */
  public Generation(
      long number,
      RouteTable routes,
      List<RoutePlan> plans,
      List<ListenerPlan> listeners,
      @Nullable AccessLog accessLog,
      int attributes,
      int loops) {
    this.number = number;
    this.routes = routes;
    this.plans = plans.toArray(new RoutePlan[0]);
    this.listeners = List.copyOf(listeners);
    this.accessLog = accessLog;
    this.attributes = attributes;
    this.pins = new int[loops * 16];
    this.retired = new boolean[loops * 64];
    this.drained = new boolean[loops * 64];
    this.loopsLeft = new AtomicInteger(loops);
  }

  /** Counts from 1. */
  public long number() {
    return number;
  }

  /** The routes. */
  public RouteTable routes() {
    return routes;
  }

  RoutePlan plan(Route route) {
    return plans[route.index()];
  }

  /** The plans, by route. */
  public List<RoutePlan> plans() {
    return List.of(plans);
  }

  /** What it says of each listener. */
  public List<ListenerPlan> listeners() {
    return listeners;
  }

  /** The place of the listener of that name, or −1. */
  public int listenerIndex(String name) {
    for (ListenerPlan plan : listeners) {
      if (plan.name().equals(name)) {
        return plan.index();
      }
    }
    return -1;
  }

  @Nullable AccessLog accessLog() {
    return accessLog;
  }

  int attributes() {
    return attributes;
  }

  /** An exchange begins on a loop, or a connection stays with this generation. On that loop. */
  public void pin(LoopContext loop) {
    pins[loop.index() * 16]++;
  }

  /** It ended. On that loop. */
  public void unpin(LoopContext loop) {
    int left = --pins[loop.index() * 16];
    if (left == 0 && retired[loop.index() * 64]) {
      loopDrained(loop);
    }
  }

  /** Exchanges under way on a loop. On that loop. */
  public int pinned(LoopContext loop) {
    return pins[loop.index() * 16];
  }

  /**
   * Another generation has been published. No new pin is taken once a loop has heard of it.
   *
   * @param drained runs once, on a loop, when the last exchange has ended
   */
  public void retire(EventLoops loops, Runnable drained) {
    onDrained = drained;
    for (LoopContext loop : loops.contexts()) {
      loop.loop()
          .execute(
              () -> {
                retired[loop.index() * 64] = true;
                if (pins[loop.index() * 16] == 0) {
                  loopDrained(loop);
                }
              });
    }
  }

  private void loopDrained(LoopContext loop) {
    boolean again = drained[loop.index() * 64];
    drained[loop.index() * 64] = true;
    if (!again && loopsLeft.decrementAndGet() == 0 && onDrained != null) {
      onDrained.run();
    }
  }
}
