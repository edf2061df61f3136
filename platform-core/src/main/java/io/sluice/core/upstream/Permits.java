package io.sluice.core.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bounds of one upstream over all event loops: open connections, and attempts that wait for
 * one. Thread-safe.
 */
final class Permits {

  private final UpstreamConfig.Limits limits;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile LoopPool[] pools = new LoopPool[0];

  Permits(UpstreamConfig.Limits limits) {
    this.limits = limits;
  }

  void pools(LoopPool[] all) {
    pools = all;
  }

  /** Open connections, those being made included. */
  int connections() {
    return connections.get();
  }

  /** Attempts that wait. */
  int waiting() {
    return waiting.get();
  }

  /** Takes the right to one more connection to {@code endpoint}. */
  boolean tryTake(EndpointState endpoint) {
    if (!takeBelow(connections, limits.maxConnections())) {
      return false;
    }
    if (!endpoint.tryConnect(limits.endpointConnections())) {
      connections.decrementAndGet();
      return false;
    }
    return true;
  }

  void giveBack(EndpointState endpoint) {
    endpoint.disconnected();
    connections.decrementAndGet();
  }

  /** Takes a place in the queue. */
  boolean tryWait() {
    return takeBelow(waiting, limits.maxPending());
  }

  /** Counts one more, unless that would pass {@code max}; never passes it even for a moment. */
  static boolean takeBelow(AtomicInteger count, long max) {
    while (true) {
      int now = count.get();
      if (now >= max) {
        return false;
      }
      if (count.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  void stopWaiting() {
    waiting.decrementAndGet();
  }

  boolean othersWait() {
    return waiting.get() > 0;
  }

  /** Makes the other loops give up an idle connection, for one that waits. */
  void askOthers(LoopPool asking) {
    for (LoopPool pool : pools) {
      if (pool != asking) {
        pool.loop().loop().execute(pool::yieldOne);
      }
    }
  }

  /** A permit came free: lets the other loops try again, if anyone waits. */
  void wakeOthers(LoopPool from) {
    if (waiting.get() == 0) {
      return;
    }
    for (LoopPool pool : pools) {
      if (pool != from) {
        pool.loop().loop().execute(pool::serveWaiters);
      }
    }
  }
}
