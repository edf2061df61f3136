package io.sluice.core.upstream;

import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.DeadlineWheel;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The attempts that wait for a connection on one event loop, first come first served. Each holds a
 * place of {@link Permits}, which goes back when it leaves.
 */
final class WaitQueue {

  /** How one waits. */
  private enum Place {
    /** In the queue that {@code max-pending} bounds. */
    QUEUED,
    /** In that queue, for room on a connection: another connection was no help. */
    FOR_ROOM,
    /** Beside it, for an idle connection that another loop is about to give up. */
    PROMISED
  }

  /** Who waits. */
  final class Waiter {
    private final EndpointState endpoint;
    private final ConnectionTaker taker;
    private final boolean fresh;
    private final Place place;
    private final Deadline deadline = new Deadline(deadlines, () -> tooLate(this));

    private Waiter(EndpointState endpoint, ConnectionTaker taker, boolean fresh, Place place) {
      this.endpoint = endpoint;
      this.taker = taker;
      this.fresh = fresh;
      this.place = place;
    }

    private boolean takes(PooledConnection connection) {
      return endpoint == connection.endpoint()
          && !(fresh && connection.reused())
          && connection.takes(agreed.upgrade(taker))
          && taker.wanted();
    }

    private boolean takes(Opening opening) {
      return endpoint == opening.endpoint()
          && opening.onlyHttp1() == agreed.onlyHttp1(endpoint, agreed.upgrade(taker))
          && taker.wanted();
    }
  }

  private final DeadlineWheel deadlines;
  private final Permits permits;
  private final AgreedProtocols agreed;
  private final long timeoutNanos;
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  WaitQueue(DeadlineWheel deadlines, Permits permits, AgreedProtocols agreed, long timeoutNanos) {
    this.deadlines = deadlines;
    this.permits = permits;
    this.agreed = agreed;
    this.timeoutNanos = timeoutNanos;
  }

  boolean isEmpty() {
    return waiters.isEmpty();
  }

  /**
   * One more waits.
   *
   * @param fresh whether only a connection that served nobody will do
   * @param queued whether in the queue that {@code max-pending} bounds, or for an idle connection
   *     that another loop is about to give up
   */
  Waiter add(EndpointState endpoint, ConnectionTaker taker, boolean fresh, boolean queued) {
    permits.want();
    return add(new Waiter(endpoint, taker, fresh, queued ? Place.QUEUED : Place.PROMISED));
  }

  /** One more waits in the queue, and no connection is made for it. */
  void addForRoom(EndpointState endpoint, ConnectionTaker taker) {
    add(new Waiter(endpoint, taker, false, Place.FOR_ROOM));
  }

  private Waiter add(Waiter waiter) {
    waiters.add(waiter);
    waiter.deadline.after(timeoutNanos);
    return waiter;
  }

  /** Whether {@code connection} has no room and somebody waits for it to have some. */
  boolean waitForRoom(PooledConnection connection) {
    if (waiters.isEmpty() || connection.room() > 0) {
      return false;
    }
    for (Waiter waiter : waiters) {
      if (waiter.takes(connection)) {
        return true;
      }
    }
    return false;
  }

  /** Does nothing where it no longer waits. */
  void tooLate(Waiter waiter) {
    if (!waiters.remove(waiter)) {
      return;
    }
    leave(waiter);
    if (waiter.taker.wanted()) {
      Limit limit = waiter.place == Place.PROMISED ? Limit.MAX_PENDING : Limit.PENDING_TIMEOUT;
      waiter.taker.onUnavailable(permits.rejections().count(limit));
    }
  }

  /** {@code taker} no longer waits, if it did. */
  void cancel(ConnectionTaker taker) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.taker == taker) {
        each.remove();
        leave(waiter);
        return;
      }
    }
  }

  /** The first that {@code connection} will do for, which waits no longer; or null. */
  @Nullable ConnectionTaker poll(PooledConnection connection) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.takes(connection)) {
        each.remove();
        leave(waiter);
        return waiter.taker;
      }
    }
    return null;
  }

  /** The first that {@code opening} will do for, which waits no longer here; or null. */
  @Nullable ConnectionTaker poll(Opening opening) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.takes(opening)) {
        each.remove();
        leave(waiter);
        return waiter.taker;
      }
    }
    return null;
  }

  /** Has {@code pool} connect for all that get a permit by now. */
  void serve(LoopPool pool) {
    int rounds = waiters.size();
    while (rounds-- > 0) {
      Waiter waiter = waiters.pollFirst();
      if (waiter == null) {
        return;
      }
      if (!waiter.taker.wanted()) {
        leave(waiter);
      } else if (waiter.place != Place.FOR_ROOM && permits.tryTake(waiter.endpoint)) {
        leave(waiter);
        pool.connect(waiter.endpoint, waiter.taker);
      } else {
        waiters.addLast(waiter);
      }
    }
  }

  private void leave(Waiter waiter) {
    waiter.deadline.remove();
    switch (waiter.place) {
      case QUEUED -> {
        permits.stopWanting();
        permits.stopQueueing();
      }
      case FOR_ROOM -> permits.stopQueueing();
      case PROMISED -> {
        permits.stopWanting();
        permits.dropPromise();
      }
    }
  }
}
