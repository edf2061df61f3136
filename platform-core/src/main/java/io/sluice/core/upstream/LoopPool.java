package io.sluice.core.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ClientTls;
import io.sluice.core.transport.tls.TlsFailures;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one upstream on one event loop, idle ones first-in last-out for each endpoint,
 * and the attempts that wait for one. Bounds are counted over all loops, in {@link Permits}: a loop
 * that waits at a bound makes the others give up an idle connection.
 */
public final class LoopPool {

  /** Octets waiting for the socket at which the writer is told to stop, and to go on. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  /** Other loops need a turn each to give up an idle connection; no longer than that. */
  private static final long PROMISE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

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

    boolean takes(UpstreamConnection connection) {
      return endpoint == connection.endpoint() && !(fresh && connection.reused()) && taker.wanted();
    }
  }

  private final Permits permits;
  private final LoopContext loop;
  private final EventLoops loops;
  private final UpstreamConfig config;
  private final @Nullable ClientTls tls;
  private final Resolvers resolvers;
  private final long idleNanos;
  private final IdentityHashMap<EndpointState, ArrayDeque<UpstreamConnection>> idle =
      new IdentityHashMap<>();
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private final Set<UpstreamConnection> open = new HashSet<>();
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
    this.loops = loops;
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

  private void countIdle(int change) {
    idleCount.lazySet(idleCount.getPlain() + change);
  }

  /**
   * Gets a connection for {@code taker}, at once where one is idle.
   *
   * @param fresh whether an idle one will not do
   */
  public void acquire(EndpointState endpoint, ConnectionTaker taker, boolean fresh) {
    UpstreamConnection ready = fresh ? null : pollIdle(endpoint);
    if (ready != null) {
      taker.onConnection(ready);
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

  private @Nullable UpstreamConnection pollIdle(EndpointState endpoint) {
    ArrayDeque<UpstreamConnection> queue = idle.get(endpoint);
    if (queue == null) {
      return null;
    }
    UpstreamConnection connection = queue.pollFirst();
    while (connection != null) {
      countIdle(-1);
      if (connection.usable() && !outdated(connection)) {
        return connection;
      }
      connection.close();
      connection = queue.pollFirst();
    }
    return null;
  }

  /** Whether it was made with TLS settings that have changed since. */
  private boolean outdated(UpstreamConnection connection) {
    Object madeWith = connection.tlsSettings();
    return madeWith != null && tls != null && madeWith != tls.settings();
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
    long patience = config.limits().pendingTimeout().toNanos();
    deadline.after(queued ? patience : Math.min(PROMISE_NANOS, patience));
    permits.askOthers(this, only);
    serveWaiters(); // a permit may have come free before anyone saw us wait
  }

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

  /** {@code taker} no longer wants what it waits for: its place in the queue is free. */
  public void cancel(ConnectionTaker taker) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.taker == taker) {
        each.remove();
        leave(waiter);
        return;
      }
    }
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
    UpstreamConnection given = pollOldestIdle(only);
    if (given != null) {
      closed(given);
      given.close();
    }
  }

  /** Gives up an idle connection here; its permit goes on to {@code endpoint}. */
  private boolean replaceIdle(EndpointState endpoint, @Nullable EndpointState only) {
    UpstreamConnection given = pollOldestIdle(only);
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

  private @Nullable UpstreamConnection pollOldestIdle(@Nullable EndpointState only) {
    if (only != null) {
      ArrayDeque<UpstreamConnection> queue = idle.get(only);
      return queue == null ? null : pollLast(queue);
    }
    for (ArrayDeque<UpstreamConnection> queue : idle.values()) {
      UpstreamConnection oldest = pollLast(queue);
      if (oldest != null) {
        return oldest;
      }
    }
    return null;
  }

  private @Nullable UpstreamConnection pollLast(ArrayDeque<UpstreamConnection> queue) {
    UpstreamConnection oldest = queue.pollLast();
    if (oldest != null) {
      countIdle(-1);
    }
    return oldest;
  }

  private void keepLast(UpstreamConnection connection) {
    ArrayDeque<UpstreamConnection> queue = idle.get(connection.endpoint());
    if (queue != null) {
      queue.addLast(connection);
      countIdle(1);
    }
  }

  private void connect(EndpointState endpoint, ConnectionTaker taker) {
    UpstreamConnection connection = new UpstreamConnection(this, endpoint, loop);
    open.add(connection);
    boolean unix = endpoint.address().isUnix();
    Class<? extends Channel> domain = loops.domainSocket();
    if (unix && domain == null) {
      closed(connection);
      taker.onUnavailable(ErrorKind.CONNECTION_REFUSED);
      return;
    }
    Bootstrap bootstrap = new Bootstrap().group(loop.loop());
    bootstrap
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOCATOR, EventLoops.allocator())
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis());
    if (unix && domain != null) {
      bootstrap.channel(domain);
    } else {
      bootstrap
          .channel(loops.socket())
          .option(ChannelOption.TCP_NODELAY, true)
          .option(ChannelOption.SO_KEEPALIVE, true);
    }
    long begun = loop.deadlines().now();
    SocketAddress to = endpoint.socketAddress();
    if (to instanceof InetSocketAddress name && name.isUnresolved()) {
      Connector.connect(
          loop.loop(),
          bootstrap,
          resolvers,
          name,
          connectMillis(),
          connection,
          new Named(connection, taker, begun));
      return;
    }
    bootstrap
        .resolver(NoopAddressResolverGroup.INSTANCE)
        .handler(connection)
        .connect(to)
        .addListener(future -> connected((ChannelFuture) future, connection, taker, begun));
  }

  /** A connection to an endpoint given by name. */
  private final class Named implements Connector.Done {
    private final UpstreamConnection connection;
    private final ConnectionTaker taker;
    private final long begun;

    Named(UpstreamConnection connection, ConnectionTaker taker, long begun) {
      this.connection = connection;
      this.taker = taker;
      this.begun = begun;
    }

    @Override
    public void connected(Channel channel) {
      made(channel, connection, taker, begun);
    }

    @Override
    public void failed(Throwable cause) {
      LoopPool.this.failed(connection, taker, kindOf(cause));
    }
  }

  private int connectMillis() {
    long millis = config.timeouts().connect().toMillis();
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, millis));
  }

  private void connected(
      ChannelFuture future, UpstreamConnection connection, ConnectionTaker taker, long begun) {
    if (future.isSuccess()) {
      made(future.channel(), connection, taker, begun);
    } else {
      failed(connection, taker, kindOf(future.cause()));
    }
  }

  /** The socket is connected: now TLS, where the endpoint wants it. */
  private void made(
      Channel channel, UpstreamConnection connection, ConnectionTaker taker, long begun) {
    EndpointAddress address = connection.endpoint().address();
    if (!config.secures(address)) {
      ready(connection, taker);
      return;
    }
    ClientTls secures = tls;
    long spent = TimeUnit.NANOSECONDS.toMillis(loop.deadlines().now() - begun);
    long left = Math.max(1, connectMillis() - spent);
    String host = address.isUnix() ? "localhost" : address.host();
    SslHandler handler =
        secures == null
            ? null // an endpoint added at run time to an upstream that has no TLS
            : secures.newHandler(channel.alloc(), host, address.port(), left);
    if (secures == null || handler == null) {
      connection.close();
      failed(connection, taker, ErrorKind.TLS_ERROR);
      return;
    }
    connection.secured(handler, secures.settings());
    channel.pipeline().addFirst("tls", handler);
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (done.isSuccess()) {
                ready(connection, taker);
              } else {
                connection.close();
                failed(connection, taker, TlsFailures.ofHandshake(done.cause()));
              }
            });
  }

  private void ready(UpstreamConnection connection, ConnectionTaker taker) {
    if (taker.wanted()) {
      taker.onConnection(connection);
    } else {
      release(connection);
    }
  }

  private void failed(UpstreamConnection connection, ConnectionTaker taker, ErrorKind kind) {
    closed(connection);
    if (taker.wanted()) {
      taker.onUnavailable(kind);
    }
  }

  private static ErrorKind kindOf(@Nullable Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return ErrorKind.CONNECTION_TIMEOUT;
    }
    return cause instanceof UnknownHostException
        ? ErrorKind.DNS_ERROR
        : ErrorKind.CONNECTION_REFUSED;
  }

  /** A connection has nothing to do: hands it to who waits for it, or keeps it. */
  void release(UpstreamConnection connection) {
    for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      if (waiter.takes(connection) && !outdated(connection)) {
        each.remove();
        leave(waiter);
        connection.idleFor(Long.MAX_VALUE);
        waiter.taker.onConnection(connection);
        return;
      }
    }
    boolean pooled = config.protocol() != UpstreamConfig.Protocol.TCP;
    if (!pooled
        || retired
        || outdated(connection)
        || !connection.endpoint().worthKeeping()
        || !waiters.isEmpty()
        || permits.othersWait()) {
      connection.close();
      return;
    }
    connection.idleFor(idleNanos);
    ArrayDeque<UpstreamConnection> queue = idle.get(connection.endpoint());
    if (queue == null) {
      queue = new ArrayDeque<>();
      idle.put(connection.endpoint(), queue);
    }
    queue.addFirst(connection);
    countIdle(1);
  }

  /** A connection is gone, or was never made. */
  void closed(UpstreamConnection connection) {
    if (!open.remove(connection)) {
      return;
    }
    ArrayDeque<UpstreamConnection> queue = idle.get(connection.endpoint());
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
    List<UpstreamConnection> unused = new ArrayList<>();
    idle.values().forEach(unused::addAll);
    unused.forEach(UpstreamConnection::close);
  }

  /** Closes idle connections to an endpoint that is no longer there or gets no more work. */
  void forget(EndpointState endpoint) {
    ArrayDeque<UpstreamConnection> queue = idle.get(endpoint);
    if (queue != null) {
      new ArrayList<>(queue).forEach(UpstreamConnection::close);
    }
  }
}
