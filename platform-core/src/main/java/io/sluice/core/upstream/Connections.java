package io.sluice.core.upstream;

import io.sluice.core.transport.tls.ClientTls;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one upstream on one event loop: idle ones first-in last-out for each
 * endpoint, those that serve somebody and might serve more, and the rest.
 */
final class Connections {

  private final @Nullable ClientTls tls;
  private final Set<PooledConnection> open = new HashSet<>();
  private final IdentityHashMap<EndpointState, ArrayDeque<PooledConnection>> idle =
      new IdentityHashMap<>();
  private final IdentityHashMap<EndpointState, List<PooledConnection>> shared =
      new IdentityHashMap<>();
  private final AtomicInteger idleCount = new AtomicInteger();

  Connections(@Nullable ClientTls tls) {
    this.tls = tls;
  }

  /** Those that are there, used or not. */
  Set<PooledConnection> open() {
    return open;
  }

  /** One was made. */
  void add(PooledConnection connection) {
    open.add(connection);
  }

  boolean contains(PooledConnection connection) {
    return open.contains(connection);
  }

  /** Those that nobody uses. From any thread. */
  int idleCount() {
    return idleCount.get();
  }

  private void countIdle(int change) {
    idleCount.lazySet(idleCount.getPlain() + change);
  }

  /** Takes one with room for a request that may change to {@code upgrade}. */
  @Nullable PooledConnection take(EndpointState endpoint, @Nullable String upgrade) {
    List<PooledConnection> busy = shared.get(endpoint);
    if (busy != null) {
      for (PooledConnection connection : busy) {
        if (connection.room() > 0 && connection.takes(upgrade) && !outdated(connection)) {
          return connection;
        }
      }
    }
    return takeIdle(endpoint, upgrade);
  }

  private @Nullable PooledConnection takeIdle(EndpointState endpoint, @Nullable String upgrade) {
    ArrayDeque<PooledConnection> queue = idle.get(endpoint);
    if (queue == null) {
      return null;
    }
    ArrayDeque<PooledConnection> passedOver = null;
    PooledConnection connection = queue.pollFirst();
    while (connection != null) {
      countIdle(-1);
      if (!connection.usable() || outdated(connection)) {
        connection.close();
      } else if (connection.room() > 0 && connection.takes(upgrade)) {
        break;
      } else {
        passedOver = passedOver == null ? new ArrayDeque<>(2) : passedOver;
        passedOver.push(connection);
      }
      connection = queue.pollFirst();
    }
    while (passedOver != null && !passedOver.isEmpty()) {
      queue.addFirst(passedOver.pop());
      countIdle(1);
    }
    return connection;
  }

  /** Whether it was made with TLS settings, or for a name, that have changed since. */
  boolean outdated(PooledConnection connection) {
    Secured secured = connection.secured();
    return secured != null && secured.isOutdated(tls, connection.endpoint());
  }

  /**
   * Takes the idle one that was used least lately, to give it up for a new one to {@code wanted}.
   * One to the same endpoint that has no room stays: the new one would have no more.
   *
   * @param only whose it must be, or null for any
   */
  @Nullable PooledConnection takeOldest(EndpointState wanted, @Nullable EndpointState only) {
    if (only != null) {
      ArrayDeque<PooledConnection> queue = idle.get(only);
      return queue == null ? null : pollLast(queue, wanted);
    }
    for (ArrayDeque<PooledConnection> queue : idle.values()) {
      PooledConnection oldest = pollLast(queue, wanted);
      if (oldest != null) {
        return oldest;
      }
    }
    return null;
  }

  private @Nullable PooledConnection pollLast(
      ArrayDeque<PooledConnection> queue, EndpointState wanted) {
    for (Iterator<PooledConnection> each = queue.descendingIterator(); each.hasNext(); ) {
      PooledConnection oldest = each.next();
      if (oldest.endpoint() != wanted || oldest.room() > 0 || !oldest.usable()) {
        each.remove();
        countIdle(-1);
        return oldest;
      }
    }
    return null;
  }

  /** Puts back what {@link #takeOldest} took. */
  void putBack(PooledConnection connection) {
    queue(connection.endpoint()).addLast(connection);
    countIdle(1);
  }

  private ArrayDeque<PooledConnection> queue(EndpointState endpoint) {
    return idle.computeIfAbsent(endpoint, first -> new ArrayDeque<>());
  }

  /** It begins to serve somebody. */
  void share(PooledConnection connection) {
    shared.computeIfAbsent(connection.endpoint(), first -> new ArrayList<>(2)).add(connection);
  }

  /** It serves nobody any longer. */
  void unshare(PooledConnection connection) {
    List<PooledConnection> busy = shared.get(connection.endpoint());
    if (busy != null && busy.remove(connection) && busy.isEmpty()) {
      shared.remove(connection.endpoint());
    }
  }

  /** Whether it is among the idle ones: one that is multiplexed may be told so twice. */
  boolean idles(PooledConnection connection) {
    ArrayDeque<PooledConnection> queue = idle.get(connection.endpoint());
    return connection.multiplexed() && queue != null && queue.contains(connection);
  }

  /** It is no longer among the idle ones, if it was. */
  void wake(PooledConnection connection) {
    ArrayDeque<PooledConnection> queue = idle.get(connection.endpoint());
    if (queue != null && queue.remove(connection)) {
      countIdle(-1);
    }
  }

  /** Keeps it for whoever comes next. */
  void keep(PooledConnection connection) {
    queue(connection.endpoint()).addFirst(connection);
    countIdle(1);
  }

  /** It is gone; answers whether it was here. */
  boolean remove(PooledConnection connection) {
    if (!open.remove(connection)) {
      return false;
    }
    unshare(connection);
    wake(connection);
    return true;
  }

  /** Closes all that are idle. */
  void closeIdle() {
    List<PooledConnection> unused = new ArrayList<>();
    idle.values().forEach(unused::addAll);
    unused.forEach(PooledConnection::close);
  }

  /** Closes those of {@code endpoint} that are idle, and knows nothing of it any longer. */
  void closeIdle(EndpointState endpoint) {
    ArrayDeque<PooledConnection> queue = idle.remove(endpoint);
    if (queue != null) {
      countIdle(-queue.size());
      queue.forEach(PooledConnection::close);
    }
  }
}
