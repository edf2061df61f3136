package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ClientTls;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one upstream on one event loop, made where none is idle or has room, and the
 * attempts that wait for one. Bounds are counted over all loops, in {@link Permits}: a loop that
 * waits at a bound makes the others give up an idle connection.
 */
public final class LoopPool {

  /**
   * Streams that an endpoint is expected to allow before its SETTINGS say so: the least that RFC
   * 9113 §6.5.2 recommends.
   */
  private static final int STREAMS_EXPECTED = 100;

  private final Permits permits;
  private final LoopContext loop;
  private final Dialer dialer;
  private final UpstreamConfig config;
  private final @Nullable ClientTls tls;
  private final Resolvers resolvers;
  private final long idleNanos;
  private final AgreedProtocols agreed;
  private final Connections connections;
  private final WaitQueue waiters;
  private final Set<Opening> openings = new LinkedHashSet<>();
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
    this.agreed = new AgreedProtocols(config);
    this.connections = new Connections(tls);
    long pendingNanos = config.limits().pendingTimeout().toNanos();
    this.waiters = new WaitQueue(loop.deadlines(), permits, agreed, pendingNanos);
  }

  /** The loop. */
  LoopContext loop() {
    return loop;
  }

  /** Connections nobody uses. From any thread. */
  int idleCount() {
    return connections.idleCount();
  }

  /** Those that are there, used or not. On its event loop. */
  Set<PooledConnection> connections() {
    return connections.open();
  }

  /**
   * Gets a connection for {@code taker}, at once where one is idle.
   *
   * @param fresh whether an idle one will not do
   */
  public void acquire(EndpointState endpoint, ConnectionTaker taker, boolean fresh) {
    String upgrade = agreed.upgrade(taker);
    PooledConnection ready = fresh ? null : connections.take(endpoint, upgrade);
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

  private void hand(PooledConnection connection, ConnectionTaker taker) {
    if (connection.multiplexed() && connection.unused()) {
      connections.share(connection);
    }
    taker.onConnection(connection.open());
  }

  /** A connection that is being made and will have room for one more, as far as anyone knows. */
  private @Nullable Opening underWay(EndpointState endpoint, @Nullable String upgrade) {
    if (!agreed.multiplexes(endpoint, upgrade)) {
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

  private void await(
      EndpointState endpoint,
      ConnectionTaker taker,
      boolean fresh,
      @Nullable EndpointState only,
      boolean queued) {
    WaitQueue.Waiter waiter = waiters.add(endpoint, taker, fresh, queued);
    permits.askOthers(this, endpoint, only, queued ? () -> {} : () -> askedAll(waiter));
    serveWaiters(); // a permit may have come free before anyone saw us wait
  }

  /**
   * A connection was made for {@code taker} on which the endpoint allows no request yet. Another
   * one would hardly be better: it waits for room on any that is there.
   */
  private void awaitRoom(EndpointState endpoint, ConnectionTaker taker) {
    if (!taker.mayWait()) {
      taker.onUnavailable(ErrorKind.LIMIT_REACHED);
    } else if (permits.tryQueue()) {
      waiters.addForRoom(endpoint, taker);
    } else {
      taker.onUnavailable(permits.rejections().count(Limit.MAX_PENDING));
    }
  }

  /** Every other loop had its turn to give up an idle connection. */
  private void askedAll(WaitQueue.Waiter waiter) {
    serveWaiters();
    waiters.tooLate(waiter);
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
    waiters.cancel(taker);
  }

  /**
   * Someone in the queue may want the connection that was being made for another, unless that one
   * was named there already: a PROXY header is of one client, whoever speaks behind it.
   */
  private boolean passOn(Opening opening) {
    ConnectionTaker next = opening.introduced() ? null : waiters.poll(opening);
    if (next == null) {
      return false;
    }
    opening.join(next);
    return true;
  }

  /** A permit may have come free: makes connections for those who wait. */
  void serveWaiters() {
    waiters.serve(this);
  }

  /**
   * Another loop waits at a bound: gives up an idle connection here.
   *
   * @param wanted to where it wants one
   * @param only whose connection it must be, or null for any
   */
  void yieldOne(EndpointState wanted, @Nullable EndpointState only) {
    if (!permits.othersWait()) {
      return;
    }
    PooledConnection given = connections.takeOldest(wanted, only);
    if (given != null) {
      closed(given);
      given.close();
    }
  }

  /** Gives up an idle connection here; its permit goes on to {@code endpoint}. */
  private boolean replaceIdle(EndpointState endpoint, @Nullable EndpointState only) {
    PooledConnection given = connections.takeOldest(endpoint, only);
    if (given == null) {
      return false;
    }
    if (given.endpoint() != endpoint && !permits.tryPass(given.endpoint(), endpoint)) {
      connections.putBack(given);
      return false;
    }
    connections.remove(given);
    given.close();
    return true;
  }

  /** Makes a connection, for which there is a permit. */
  void connect(EndpointState endpoint, ConnectionTaker taker) {
    boolean onlyHttp1 = agreed.onlyHttp1(endpoint, agreed.upgrade(taker));
    Opening opening = new Opening(this, config, endpoint, tls, onlyHttp1);
    opening.join(taker);
    openings.add(opening);
    opening.begin(dialer, resolvers);
  }

  /** A connection is made: hands it to those who wait for it. */
  void opened(Opening opening, PooledConnection connection) {
    openings.remove(opening);
    connections.add(connection);
    if (!opening.onlyHttp1()) {
      agreed.learn(connection);
    }
    ArrayDeque<ConnectionTaker> takers = opening.takers();
    for (ConnectionTaker taker = takers.poll(); taker != null; taker = takers.poll()) {
      if (!taker.wanted()) {
        continue;
      }
      if (connection.room() > 0 && connection.takes(agreed.upgrade(taker))) {
        hand(connection, taker);
      } else if (connection.usable() && connection.unused() && connection.room() == 0) {
        awaitRoom(connection.endpoint(), taker);
      } else {
        acquire(connection.endpoint(), taker, false);
      }
    }
    release(connection);
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
    if (connection.unused() && connections.contains(connection)) {
      keep(connection);
    }
  }

  private boolean handToWaiter(PooledConnection connection) {
    if (waiters.isEmpty() || connections.outdated(connection)) {
      return false;
    }
    ConnectionTaker taker = waiters.poll(connection);
    if (taker == null) {
      return false;
    }
    connections.wake(connection);
    connection.idleFor(Long.MAX_VALUE);
    hand(connection, taker);
    return true;
  }

  private void keep(PooledConnection connection) {
    connections.unshare(connection);
    if (connections.idles(connection)) {
      return;
    }
    boolean pooled = config.protocol() != UpstreamConfig.Protocol.TCP;
    if (!pooled
        || !connection.usable()
        || retired
        || connections.outdated(connection)
        || !connection.endpoint().worthKeeping()
        || (permits.othersWait() && !waiters.waitForRoom(connection))) {
      connection.close();
      return;
    }
    connection.idleFor(idleNanos);
    connections.keep(connection);
  }

  /** A connection is gone. */
  void closed(PooledConnection connection) {
    if (!connections.remove(connection)) {
      return;
    }
    permits.giveBack(connection.endpoint());
    serveWaiters();
    permits.wakeOthers(this);
  }

  /** No new work comes: closes what is idle, and the rest as it ends. */
  void retire() {
    retired = true;
    connections.closeIdle();
  }

  /** Closes idle connections to an endpoint that is no longer there or gets no more work. */
  void forget(EndpointState endpoint) {
    agreed.forget(endpoint);
    connections.closeIdle(endpoint);
  }
}
