package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.tls.ClientTls;
import io.sluice.core.transport.tls.TlsFailures;
import io.sluice.core.upstream.UpstreamConfig.Protocol;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that is being made, and who waits for it: the socket first, then TLS where the
 * endpoint wants it, then, for HTTP/2, the endpoint's SETTINGS. Holds the permit of the connection
 * until it is there, failed, or wanted by nobody any longer; in that case everything is closed at
 * once. On the pool's event loop.
 *
 * <p>Stands in the connection's pipeline until the handler of its protocol takes its place.
 */
final class Opening extends ChannelInboundHandlerAdapter implements Dialer.Done, Http2Owner {

  private static final Logger log = LoggerFactory.getLogger(Opening.class);
  private static final String HTTP2 = "h2";

  private final LoopPool pool;
  private final UpstreamConfig config;
  private final EndpointState endpoint;
  private final @Nullable ClientTls tls;
  private final boolean onlyHttp1;
  private final int limitMillis;
  private final long begunNanos;
  private final ArrayDeque<ConnectionTaker> takers = new ArrayDeque<>(2);
  private final ArrayDeque<Object> early = new ArrayDeque<>(0);
  private @Nullable Connector connector;
  private @Nullable ScheduledFuture<?> settingsDue;
  private @Nullable Channel channel;
  private @Nullable ChannelHandlerContext context;
  private boolean introduced;
  private boolean over;

  /**
   * An opening that waits for {@link #begin}.
   *
   * @param tls how TLS is spoken, or null where it is not
   * @param onlyHttp1 whether TLS offers nothing but HTTP/1.1
   */
  Opening(
      LoopPool pool,
      UpstreamConfig config,
      EndpointState endpoint,
      @Nullable ClientTls tls,
      boolean onlyHttp1) {
    this.pool = pool;
    this.config = config;
    this.endpoint = endpoint;
    this.tls = tls;
    this.onlyHttp1 = onlyHttp1;
    long millis = config.timeouts().connect().toMillis();
    this.limitMillis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, millis));
    this.begunNanos = pool.loop().deadlines().now();
  }

  EndpointState endpoint() {
    return endpoint;
  }

  /** Whether a connection of HTTP/1.1 is wanted where the endpoint would rather speak HTTP/2. */
  boolean onlyHttp1() {
    return onlyHttp1;
  }

  /** Whether the endpoint was told who the first one is: then it is for nobody else. */
  boolean introduced() {
    return introduced;
  }

  /** Who waits, in the order of coming. */
  ArrayDeque<ConnectionTaker> takers() {
    return takers;
  }

  /** One more waits for it. */
  void join(ConnectionTaker taker) {
    takers.add(taker);
  }

  /** Starts connecting. */
  void begin(Dialer dialer, Resolvers resolvers) {
    SocketAddress to = endpoint.socketAddress();
    if (to instanceof InetSocketAddress name && name.isUnresolved()) {
      connector = Connector.connect(dialer, resolvers, name, limitMillis, this, this);
    } else {
      channel = dialer.dial(to, limitMillis, this, this);
    }
  }

  @Override
  public void connected(Channel made) {
    channel = made;
    if (over) {
      made.close();
      return;
    }
    ConnectionTaker first = takers.peek();
    ByteBuf preamble = first == null ? null : first.preamble(made.alloc());
    if (preamble != null) {
      introduced = true;
      made.write(preamble, made.voidPromise()); // goes out with what follows it
    }
    if (config.secures(endpoint.address())) {
      secure(made);
    } else {
      ready(made, null);
    }
  }

  @Override
  public void failed(Throwable cause) {
    fail(kindOf(cause));
  }

  private static ErrorKind kindOf(@Nullable Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return ErrorKind.CONNECTION_TIMEOUT;
    }
    return cause instanceof UnknownHostException
        ? ErrorKind.DNS_ERROR
        : ErrorKind.CONNECTION_REFUSED;
  }

  private void secure(Channel made) {
    String name = endpoint.serverName();
    ClientTls secures = tls;
    // Before the handler: where the settings change in between, it must not pass for one of the
    // new.
    Object settings = secures == null ? null : secures.settings();
    SslHandler handler =
        secures == null
            ? null // an endpoint added at run time to an upstream that has no TLS
            : secures.newHandler(made.alloc(), name, endpoint.port(), leftMillis(), onlyHttp1);
    if (secures == null || handler == null) {
      fail(ErrorKind.TLS_ERROR);
      return;
    }
    made.pipeline().addFirst("tls", handler);
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (done.isSuccess()) {
                endpoint.handshakes().succeeded();
                ready(made, new Secured(handler, settings, name));
              } else {
                handshakeFailed(done.cause());
              }
            });
  }

  private void handshakeFailed(Throwable cause) {
    ErrorKind kind = TlsFailures.ofHandshake(cause);
    if (!over && kind != ErrorKind.CONNECTION_TIMEOUT) {
      endpoint.handshakes().failed(config.name(), endpoint.id(), TlsFailures.reason(cause));
    }
    fail(kind);
  }

  private long leftMillis() {
    long spent = pool.loop().deadlines().now() - begunNanos;
    return Math.max(1, limitMillis - TimeUnit.NANOSECONDS.toMillis(spent));
  }

  /** Octets may flow: the protocol's handler takes over. */
  private void ready(Channel made, @Nullable Secured secured) {
    if (over) {
      return;
    }
    String agreed = secured == null ? null : secured.handler().applicationProtocol();
    boolean http2 = HTTP2.equals(agreed);
    if (secured == null) {
      http2 = config.protocol() == Protocol.HTTP2;
    } else if (config.protocol() == Protocol.HTTP2 && !http2) {
      log.warn("{} does not agree on h2 by ALPN, and protocol = http2", endpoint.id());
      fail(ErrorKind.TLS_ERROR);
      return;
    }
    if (http2) {
      beginHttp2(made, secured);
      return;
    }
    over = true;
    Http1Connection connection = new Http1Connection(pool, endpoint, secured);
    made.pipeline().addLast(connection);
    pool.opened(this, connection);
    stepAside();
  }

  private void beginHttp2(Channel made, @Nullable Secured secured) {
    Http2EndpointConnection connection =
        Http2EndpointConnection.of(this, endpoint, pool.loop(), config.http2(), secured);
    connection.idleBy(new Deadline(pool.loop().deadlines(), connection::close));
    settingsDue =
        made.eventLoop()
            .schedule(
                () -> fail(ErrorKind.CONNECTION_TIMEOUT), leftMillis(), TimeUnit.MILLISECONDS);
    made.pipeline().addLast(connection);
    stepAside();
  }

  @Override
  public void onReady(Http2EndpointConnection connection) {
    if (over) {
      connection.close();
      return;
    }
    over = true;
    settingsCame();
    pool.opened(this, connection);
  }

  private void settingsCame() {
    ScheduledFuture<?> due = settingsDue;
    if (due != null) {
      due.cancel(false);
    }
  }

  @Override
  public void onUnusable(Http2EndpointConnection connection, ErrorKind kind) {
    fail(kind);
  }

  @Override
  public void onRoom(Http2EndpointConnection connection) {
    pool.release(connection);
  }

  @Override
  public void onClosed(Http2EndpointConnection connection) {
    pool.closed(connection);
  }

  private void stepAside() {
    ChannelHandlerContext here = context;
    if (here != null) {
      for (Object message = early.poll(); message != null; message = early.poll()) {
        here.fireChannelRead(message);
      }
      here.pipeline().remove(this);
    }
  }

  private void fail(ErrorKind kind) {
    if (!over) {
      over = true;
      settingsCame();
      close();
      pool.failed(this, kind);
    }
  }

  /** Nobody wants it any longer: leaves nothing behind. The pool takes the permit back. */
  void abandon() {
    over = true;
    settingsCame();
    Connector connecting = connector;
    if (connecting != null) {
      connecting.cancel();
    }
    close();
  }

  private void close() {
    Channel open = channel;
    if (open != null) {
      open.close();
    }
  }

  // ---- in the pipeline ----

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    early.add(message); // along with the last of a handshake
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    for (Object message = early.poll(); message != null; message = early.poll()) {
      ReferenceCountUtil.release(message);
    }
    gone.fireChannelInactive();
    fail(ErrorKind.CONNECTION_REFUSED);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    where.close(); // who waits is told by the future of what failed
  }
}
