package io.sluice.core.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of one upstream over all event loops: open connections, and attempts that wait for
 * one. Thread-safe.
 */
final class Permits {

  /** What came of asking for the right to one more connection. */
  enum Answer {
    /** It may be made. */
    TAKEN,
    /** The upstream has all the connections that it may have. */
    UPSTREAM_FULL,
    /** The endpoint has: a connection to another one that is given up does not help. */
    ENDPOINT_FULL
  }

  private final UpstreamConfig.Limits limits;
  private final boolean multiplexes;
  private final Rejections rejections;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger promised = new AtomicInteger();
  private final AtomicInteger wanted = new AtomicInteger();
  private volatile LoopPool[] pools = new LoopPool[0];

  /**
   * The bounds of one upstream.
   *
   * @param multiplexes whether attempts may share a connection
   */
  Permits(UpstreamConfig.Limits limits, boolean multiplexes, Rejections rejections) {
    this.limits = limits;
    this.multiplexes = multiplexes;
    this.rejections = rejections;
  }

  void pools(LoopPool[] all) {
    pools = all;
  }

  /** What counts the attempts that a bound turns away. */
  Rejections rejections() {
    return rejections;
  }

  /** Open connections, those being made included. */
  int connections() {
    return connections.get();
  }

  /** Attempts that wait. */
  int waiting() {
    return queued.get() + promised.get();
  }

  /** Asks for the right to one more connection to {@code endpoint}. */
  Answer take(EndpointState endpoint) {
    if (!takeBelow(connections, limits.maxConnections())) {
      return Answer.UPSTREAM_FULL;
    }
    if (!endpoint.tryConnect(limits.endpointConnections())) {
      connections.decrementAndGet();
      return Answer.ENDPOINT_FULL;
    }
    return Answer.TAKEN;
  }

  boolean tryTake(EndpointState endpoint) {
    return take(endpoint) == Answer.TAKEN;
  }

  /** Passes the right to a connection on to another endpoint; nobody can take it in between. */
  boolean tryPass(EndpointState from, EndpointState to) {
    if (!to.tryConnect(limits.endpointConnections())) {
      return false;
    }
    from.disconnected();
    return true;
  }

  void giveBack(EndpointState endpoint) {
    endpoint.disconnected();
    connections.decrementAndGet();
  }

  /** Takes a place in the queue. */
  boolean tryQueue() {
    return takeBelow(queued, limits.maxPending());
  }

  /**
   * Takes a place beside the queue: for one connection that other loops have idle and give up when
   * asked. That is no waiting for another exchange to end, so {@code max-pending} does not count
   * it; there are never more such places than idle connections.
   *
   * @param endpoint whose idle connections count, or null for any
   */
  boolean tryPromise(LoopPool asking, @Nullable EndpointState endpoint) {
    int idle = 0;
    for (LoopPool pool : pools) {
      if (pool != asking) {
        idle += pool.idleCount();
      }
    }
    if (endpoint != null && !multiplexes) {
      // every attempt in flight there has a connection, but for the one that asks
      idle = Math.min(idle, endpoint.openConnections() - endpoint.activeRequests() + 1);
    }
    return takeBelow(promised, idle);
  }

  void stopQueueing() {
    queued.decrementAndGet();
  }

  void dropPromise() {
    promised.decrementAndGet();
  }

  /** Counts one more, unless that would pass {@code max}; never passes it even for a moment. */
  static boolean takeBelow(AtomicInteger count, long max) {
    if (max >= Integer.MAX_VALUE) {
      count.incrementAndGet();
      return true;
    }
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

  /** One more of those that wait do so for the right to a connection. */
  void want() {
    wanted.incrementAndGet();
  }

  /** One does no longer. */
  void stopWanting() {
    wanted.decrementAndGet();
  }

  /** Whether anyone waits for the right to a connection. */
  boolean othersWait() {
    return wanted.get() > 0;
  }

  /**
   * Makes the other loops give up an idle connection, for one that waits.
   *
   * @param wanted to where it wants one
   * @param only whose connection it must be, or null for any
   * @param asked called on the asking loop when each of the others had its turn, behind what came
   *     of it
   */
  void askOthers(
      LoopPool asking, EndpointState wanted, @Nullable EndpointState only, Runnable asked) {
    LoopPool[] all = pools;
    AtomicInteger left = new AtomicInteger(all.length - 1);
    for (LoopPool pool : all) {
      if (pool != asking) {
        pool.loop()
            .loop()
            .execute(
                () -> {
                  pool.yieldOne(wanted, only);
                  if (left.decrementAndGet() == 0) {
                    asking.loop().loop().execute(asked);
                  }
                });
      }
    }
  }

  /** A permit came free: lets the other loops try again, if anyone waits. */
  void wakeOthers(LoopPool from) {
    if (!othersWait()) {
      return;
    }
    for (LoopPool pool : pools) {
      if (pool != from) {
        pool.loop().loop().execute(pool::serveWaiters);
      }
    }
  }
}
