package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.WebSocketKey;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ClientTls;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one upstream on one event loop, idle ones first-in last-out for each endpoint,
 * and the attempts that wait for one. Bounds are counted over all loops, in {@link Permits}: a loop
 * that waits at a bound makes the others give up an idle connection.
 */
public final class LoopPool {

  /**
   * Streams that an endpoint is expected to allow before its SETTINGS say so: the least that RFC
   * 9113 §6.5.2 recommends.
   */
  private static final int STREAMS_EXPECTED = 100;

  /**
   * Who waits.
   *
   * @param fresh whether only a connection that served nobody will do
   * @param queued whether in the queue that {@code max-pending} bounds, or for an idle connection
   *     that another loop is about to give up
   */
  private record Waiter(
      EndpointState endpoint,
      ConnectionTaker taker,
      boolean fresh,
      Deadline deadline,
      boolean queued) {

    boolean takes(PooledConnection connection, @Nullable String upgrade) {
      return endpoint == connection.endpoint()
          && !(fresh && connection.reused())
          && connection.takes(upgrade)
          && taker.wanted();
    }
  }

  private final Permits permits;
  private final LoopContext loop;
  private final Dialer dialer;
  private final UpstreamConfig config;
  private final @Nullable ClientTls tls;
  private final Resolvers resolvers;
  private final long idleNanos;
  private final IdentityHashMap<EndpointState, ArrayDeque<PooledConnection>> idle =
      new IdentityHashMap<>();
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  /** Those that serve somebody and might serve more. */
  private final IdentityHashMap<EndpointState, List<PooledConnection>> shared =
      new IdentityHashMap<>();

  /** Endpoints that, when last asked, agreed on a protocol without streams. */
  private final Set<EndpointState> oneAtATime = new HashSet<>();

  /** Endpoints that agreed on HTTP/2 and let no request change to another protocol. */
  private final Set<EndpointState> withoutUpgrade = new HashSet<>();

  private final Set<Opening> openings = new LinkedHashSet<>();
  private final Set<PooledConnection> open = new HashSet<>();
  private final AtomicInteger idleCount = new AtomicInteger();
  private boolean retired;

  LoopPool(
      Permits permits,
      LoopContext loop,
      EventLoops loops,
      UpstreamConfig config,
      @Nullable ClientTls tls,
      Resolvers resolvers) {
    this.permits = permits;
    this.loop = loop;
    this.dialer = new Dialer(loops, loop.loop());
    this.config = config;
    this.tls = tls;
    this.resolvers = resolvers;
    this.idleNanos = config.timeouts().idle().toNanos();
  }

  /** The loop. */
  LoopContext loop() {
    return loop;
  }

  /** Connections nobody uses. From any thread. */
  int idleCount() {
    return idleCount.get();
  }

  /** Those that are there, used or not. On its event loop. */
  Set<PooledConnection> connections() {
    return open;
  }

  private void countIdle(int change) {
    idleCount.lazySet(idleCount.getPlain() + change);
  }

  /**
   * Gets a connection for {@code taker}, at once where one is idle.
   *
   * @param fresh whether an idle one will not do
   */
  public void acquire(EndpointState endpoint, ConnectionTaker taker, boolean fresh) {
    String upgrade = upgrade(taker);
    PooledConnection ready = fresh ? null : ready(endpoint, upgrade);
    if (ready != null) {
      hand(ready, taker);
      return;
    }
    Opening underWay = underWay(endpoint, upgrade);
    if (underWay != null) {
      underWay.join(taker);
      return;
    }
    Permits.Answer answer = permits.take(endpoint);
    EndpointState only = answer == Permits.Answer.ENDPOINT_FULL ? endpoint : null;
    if (answer == Permits.Answer.TAKEN || replaceIdle(endpoint, only)) {
      connect(endpoint, taker);
    } else if (!taker.mayWait()) {
      taker.onUnavailable(ErrorKind.LIMIT_REACHED);
    } else if (permits.tryQueue()) {
      await(endpoint, taker, fresh, only, true);
    } else if (permits.tryPromise(this, only)) {
      await(endpoint, taker, fresh, only, false);
    } else {
      taker.onUnavailable(permits.rejections().count(Limit.MAX_PENDING));
    }
  }

  /** What {@code taker} wants to change to, where there are connections to choose between. */
  private @Nullable String upgrade(ConnectionTaker taker) {
    return config.protocol() == UpstreamConfig.Protocol.AUTO ? taker.upgrade() : null;
  }

  private @Nullable PooledConnection ready(EndpointState endpoint, @Nullable String upgrade) {
    List<PooledConnection> busy = shared.get(endpoint);
    if (busy != null) {
      for (PooledConnection connection : busy) {
        if (connection.room() > 0 && connection.takes(upgrade) && !outdated(connection)) {
          return connection;
        }
      }
    }
    return pollIdle(endpoint, upgrade);
  }

  private void hand(PooledConnection connection, ConnectionTaker taker) {
    if (connection.multiplexed() && connection.unused()) {
      shared.computeIfAbsent(connection.endpoint(), first -> new ArrayList<>(2)).add(connection);
    }
    taker.onConnection(connection.open());
  }

  /** A connection that is being made and will have room for one more, as far as anyone knows. */
  private @Nullable Opening underWay(EndpointState endpoint, @Nullable String upgrade) {
    if (!config.multiplexes() || oneAtATime.contains(endpoint) || onlyHttp1(endpoint, upgrade)) {
      return null;
    }
    long most = Math.min(config.http2().maxStreams(), STREAMS_EXPECTED);
    for (Opening opening : openings) {
      if (opening.endpoint() == endpoint
          && !opening.onlyHttp1()
          && opening.takers().size() < most) {
        return opening;
      }
    }
    return null;
  }

  /** Whether it takes a connection of HTTP/1.1 to change to {@code upgrade}, as is known by now. */
  private boolean onlyHttp1(EndpointState endpoint, @Nullable String upgrade) {
    return upgrade != null && withoutUpgrade.contains(endpoint);
  }

  private @Nullable PooledConnection pollIdle(EndpointState endpoint, @Nullable String upgrade) {
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
      } else if (connection.takes(upgrade)) {
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
  private boolean outdated(PooledConnection connection) {
    Secured secured = connection.secured();
    return secured != null && secured.isOutdated(tls, connection.endpoint());
  }

  private void await(
      EndpointState endpoint,
      ConnectionTaker taker,
      boolean fresh,
      @Nullable EndpointState only,
      boolean queued) {
    Waiter[] self = new Waiter[1];
    Deadline deadline = new Deadline(loop.deadlines(), () -> tooLate(self[0]));
    Waiter waiter = new Waiter(endpoint, taker, fresh, deadline, queued);
    self[0] = waiter;
    waiters.add(waiter);
    deadline.after(config.limits().pendingTimeout().toNanos());
    permits.askOthers(this, only, queued ? () -> {} : () -> askedAll(waiter));
    serveWaiters(); // a permit may have come free before anyone saw us wait
  }

  /** Every other loop had its turn to give up an idle connection. */
  private void askedAll(Waiter waiter) {
    serveWaiters();
    tooLate(waiter);
  }

  /** Does nothing where it no longer waits. */
  private void tooLate(Waiter waiter) {
    if (!waiters.remove(waiter)) {
      return;
    }
    leave(waiter);
    if (waiter.taker.wanted()) {
      Limit limit = waiter.queued ? Limit.PENDING_TIMEOUT : Limit.MAX_PENDING;
      waiter.taker.onUnavailable(permits.rejections().count(limit));
    }
  }

  /**
   * {@code taker} no longer wants what it waits for: its place in the queue is free, and a
   * connection that is being made for it alone is given up at once.
   */
  public void cancel(ConnectionTaker taker) {
    for (Opening opening : openings) {
      if (opening.takers().remove(taker)) {
        if (opening.takers().isEmpty() && !passOn(opening)) {
          opening.abandon();
          permitFreed(opening);
        }
        return;
      }
    }
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.taker == taker) {
        each.remove();
        leave(waiter);
        return;
      }
    }
  }

  /** Someone in the queue may want the connection that was being made for another. */
  private boolean passOn(Opening opening) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.endpoint == opening.endpoint()
          && opening.onlyHttp1() == onlyHttp1(waiter.endpoint, upgrade(waiter.taker))
          && waiter.taker.wanted()) {
        each.remove();
        leave(waiter);
        opening.join(waiter.taker);
        return true;
      }
    }
    return false;
  }

  /** A permit may have come free: makes connections for those who wait. */
  void serveWaiters() {
    int rounds = waiters.size();
    while (rounds-- > 0) {
      Waiter waiter = waiters.pollFirst();
      if (waiter == null) {
        return;
      }
      if (!waiter.taker.wanted()) {
        leave(waiter);
      } else if (permits.tryTake(waiter.endpoint)) {
        leave(waiter);
        connect(waiter.endpoint, waiter.taker);
      } else {
        waiters.addLast(waiter);
      }
    }
  }

  private void leave(Waiter waiter) {
    waiter.deadline.remove();
    if (waiter.queued) {
      permits.stopQueueing();
    } else {
      permits.dropPromise();
    }
  }

  /**
   * Another loop waits at a bound: gives up an idle connection here.
   *
   * @param only whose connection it must be, or null for any
   */
  void yieldOne(@Nullable EndpointState only) {
    if (!permits.othersWait()) {
      return;
    }
    PooledConnection given = pollOldestIdle(only);
    if (given != null) {
      closed(given);
      given.close();
    }
  }

  /** Gives up an idle connection here; its permit goes on to {@code endpoint}. */
  private boolean replaceIdle(EndpointState endpoint, @Nullable EndpointState only) {
    PooledConnection given = pollOldestIdle(only);
    if (given == null) {
      return false;
    }
    if (given.endpoint() != endpoint && !permits.tryPass(given.endpoint(), endpoint)) {
      keepLast(given);
      return false;
    }
    open.remove(given);
    given.close();
    return true;
  }

  private @Nullable PooledConnection pollOldestIdle(@Nullable EndpointState only) {
    if (only != null) {
      ArrayDeque<PooledConnection> queue = idle.get(only);
      return queue == null ? null : pollLast(queue);
    }
    for (ArrayDeque<PooledConnection> queue : idle.values()) {
      PooledConnection oldest = pollLast(queue);
      if (oldest != null) {
        return oldest;
      }
    }
    return null;
  }

  private @Nullable PooledConnection pollLast(ArrayDeque<PooledConnection> queue) {
    PooledConnection oldest = queue.pollLast();
    if (oldest != null) {
      countIdle(-1);
    }
    return oldest;
  }

  private void keepLast(PooledConnection connection) {
    ArrayDeque<PooledConnection> queue = idle.get(connection.endpoint());
    if (queue != null) {
      queue.addLast(connection);
      countIdle(1);
    }
  }

  private void connect(EndpointState endpoint, ConnectionTaker taker) {
    boolean onlyHttp1 = onlyHttp1(endpoint, upgrade(taker));
    Opening opening = new Opening(this, config, endpoint, tls, onlyHttp1);
    opening.join(taker);
    openings.add(opening);
    opening.begin(dialer, resolvers);
  }

  /** A connection is made: hands it to those who wait for it. */
  void opened(Opening opening, PooledConnection connection) {
    openings.remove(opening);
    open.add(connection);
    if (!opening.onlyHttp1()) {
      learn(connection);
    }
    ArrayDeque<ConnectionTaker> takers = opening.takers();
    for (ConnectionTaker taker = takers.poll(); taker != null; taker = takers.poll()) {
      if (!taker.wanted()) {
        continue;
      }
      if (connection.room() > 0 && connection.takes(upgrade(taker))) {
        hand(connection, taker);
      } else {
        acquire(connection.endpoint(), taker, false);
      }
    }
    release(connection);
  }

  /** What the endpoint agreed on says how the next connection to it is made. */
  private void learn(PooledConnection connection) {
    EndpointState endpoint = connection.endpoint();
    if (!config.multiplexes()) {
      return;
    }
    if (!connection.multiplexed()) {
      oneAtATime.add(endpoint);
      withoutUpgrade.remove(endpoint);
      return;
    }
    oneAtATime.remove(endpoint);
    if (connection.takes(WebSocketKey.PROTOCOL)) {
      withoutUpgrade.remove(endpoint);
    } else {
      withoutUpgrade.add(endpoint);
    }
  }

  /** A connection could not be made. */
  void failed(Opening opening, ErrorKind kind) {
    permitFreed(opening);
    ArrayDeque<ConnectionTaker> takers = opening.takers();
    for (ConnectionTaker taker = takers.poll(); taker != null; taker = takers.poll()) {
      if (taker.wanted()) {
        taker.onUnavailable(kind);
      }
    }
  }

  private void permitFreed(Opening opening) {
    if (openings.remove(opening)) {
      permits.giveBack(opening.endpoint());
      serveWaiters();
      permits.wakeOthers(this);
    }
  }

  /**
   * A connection may have room: hands it to those who wait for it. One that serves nobody is kept,
   * where that makes sense.
   */
  void release(PooledConnection connection) {
    while (connection.room() > 0 && handToWaiter(connection)) {
      // one more
    }
    if (connection.unused() && open.contains(connection)) {
      keep(connection);
    }
  }

  private boolean handToWaiter(PooledConnection connection) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.takes(connection, upgrade(waiter.taker)) && !outdated(connection)) {
        each.remove();
        leave(waiter);
        connection.idleFor(Long.MAX_VALUE);
        hand(connection, waiter.taker);
        return true;
      }
    }
    return false;
  }

  private void keep(PooledConnection connection) {
    unshare(connection);
    if (idles(connection)) {
      return;
    }
    boolean pooled = config.protocol() != UpstreamConfig.Protocol.TCP;
    if (!pooled
        || !connection.usable()
        || retired
        || outdated(connection)
        || !connection.endpoint().worthKeeping()
        || !waiters.isEmpty()
        || permits.othersWait()) {
      connection.close();
      return;
    }
    connection.idleFor(idleNanos);
    ArrayDeque<PooledConnection> queue = idle.get(connection.endpoint());
    if (queue == null) {
      queue = new ArrayDeque<>();
      idle.put(connection.endpoint(), queue);
    }
    queue.addFirst(connection);
    countIdle(1);
  }

  private boolean idles(PooledConnection connection) {
    ArrayDeque<PooledConnection> queue = idle.get(connection.endpoint());
    return connection.multiplexed() && queue != null && queue.contains(connection);
  }

  private void unshare(PooledConnection connection) {
    List<PooledConnection> busy = shared.get(connection.endpoint());
    if (busy != null && busy.remove(connection) && busy.isEmpty()) {
      shared.remove(connection.endpoint());
    }
  }

  /** A connection is gone. */
  void closed(PooledConnection connection) {
    if (!open.remove(connection)) {
      return;
    }
    unshare(connection);
    ArrayDeque<PooledConnection> queue = idle.get(connection.endpoint());
    if (queue != null && queue.remove(connection)) {
      countIdle(-1);
    }
    permits.giveBack(connection.endpoint());
    serveWaiters();
    permits.wakeOthers(this);
  }

  /** No new work comes: closes what is idle, and the rest as it ends. */
  void retire() {
    retired = true;
    List<PooledConnection> unused = new ArrayList<>();
    idle.values().forEach(unused::addAll);
    unused.forEach(PooledConnection::close);
  }

  /** Closes idle connections to an endpoint that is no longer there or gets no more work. */
  void forget(EndpointState endpoint) {
    oneAtATime.remove(endpoint);
    withoutUpgrade.remove(endpoint);
    ArrayDeque<PooledConnection> queue = idle.get(endpoint);
    if (queue != null) {
      new ArrayList<>(queue).forEach(PooledConnection::close);
    }
  }
}
