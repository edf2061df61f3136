package io.sluice.core.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.DomainSocketAddress;
import io.sluice.core.exchange.Generation;
import io.sluice.core.exchange.GenerationSource;
import io.sluice.core.http.HttpDate;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ServerTls;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One bound socket with the connections it accepted. Outlives generations that bind the same
 * address: only what it is configured as changes, for connections accepted from then on.
 *
 * <p>Thread-safe. Closed by boot.
 */
public final class ListenerSocket {

  /** Octets waiting for the socket at which the writer is told to stop, and to go on. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private static final int BACKLOG = 4096;

  /**
   * What listeners need of the process.
   *
   * @param generations where a connection looks when an exchange begins
   */
  public record Services(
      EventLoops loops, GenerationSource generations, MeterRegistry meters, HttpDate date) {}

  /** What connections are accepted with from now on. */
  private record Serving(ListenerConfig config, @Nullable ServerTls tls) {}

  private final BindAddress bind;
  private final Services services;
  private final List<Set<ListenerConnection>> connections = new ArrayList<>();
  private final OpenConnections open = new OpenConnections(this::accept);
  private final MeterScope scope;
  private volatile Serving serving;
  private volatile String nameBefore;
  private volatile ListenerMeters meters;
  private volatile boolean draining;
  private volatile @Nullable Generation last;
  private volatile @Nullable SocketFile file;
  private volatile @Nullable Channel server;

  /**
   * A socket that is not bound yet.
   *
   * @param tls started by then and closed by its owner; null for plaintext
   */
  public ListenerSocket(
      BindAddress bind, ListenerConfig config, @Nullable ServerTls tls, Services services) {
    this.bind = bind;
    this.serving = new Serving(config, tls);
    this.services = services;
    this.scope = services.meters().scope();
    this.nameBefore = config.name();
    this.meters = new ListenerMeters(scope, config);
    for (int i = 0; i < services.loops().size(); i++) {
      connections.add(new HashSet<>());
    }
  }

  /**
   * Binds, and lets connections wait until {@link #accept()}; completes exceptionally when the
   * address is taken or not ours.
   */
  public CompletionStage<SocketAddress> open() {
    CompletableFuture<SocketAddress> bound = new CompletableFuture<>();
    ChannelFactory<? extends ServerChannel> channels = services.loops().listening(bind.socket());
    if (channels == null) {
      bound.completeExceptionally(
          new IOException("Unix-domain sockets need the transport epoll or io_uring"));
      return bound;
    }
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(services.loops().group())
            .channelFactory(channels)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOCATOR, EventLoops.allocator())
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false)
            .childHandler(new Accepting());
    if (bind.socket() instanceof DomainSocketAddress unix) {
      try {
        SocketFile.makeWay(unix.path());
      } catch (IOException e) {
        bound.completeExceptionally(e);
        return bound;
      }
    } else {
      bootstrap.option(ChannelOption.SO_REUSEADDR, true);
    }
    bootstrap
        .bind(bind.socket())
        .addListener(
            future -> {
              if (future.isSuccess()) {
                Channel channel = ((ChannelFuture) future).channel();
                channel.pipeline().addLast(new AcceptFailures(this));
                if (bind.socket() instanceof DomainSocketAddress unix) {
                  file = SocketFile.bound(unix.path());
                }
                server = channel;
                bound.complete(channel.localAddress());
              } else {
                bound.completeExceptionally(future.cause());
              }
            });
    return bound;
  }

  private final class Accepting extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      LoopContext loop = services.loops().contextOf(channel.eventLoop());
      Serving now = serving;
      ListenerConfig config = now.config();
      ServerTls tls = now.tls();
      ConnectionEnds ends = new ConnectionEnds(channel);
      ListenerSocket self = ListenerSocket.this;
      if (config.proxyProtocol() != ListenerConfig.ProxyHeaders.OFF) {
        channel.pipeline().addLast(new ProxyIntake(self, loop, config, ends));
      }
      if (tls != null) {
        TlsHandshake handshake = new TlsHandshake(self, loop, config, ends);
        channel.pipeline().addLast(new ClientHelloHandler(self, tls, handshake), handshake);
      } else if (config.protocol() == ListenerConfig.Protocol.HTTP) {
        ClientSide client = new ClientSide(self, loop, config, ends, null);
        if (config.http2() == ListenerConfig.Http2.ONLY) {
          Http2ClientConnection.of(client).addTo(channel.pipeline());
        } else {
          channel.pipeline().addLast(new HttpConnection(client));
        }
      } else {
        TcpConnection.add(self, channel, loop, ends);
      }
    }
  }

  /** As configured. */
  public BindAddress bind() {
    return bind;
  }

  /** The address bound, or null before {@link #open} completed. */
  public @Nullable SocketAddress address() {
    Channel channel = server;
    return channel == null ? null : channel.localAddress();
  }

  /** Another generation configures it otherwise. */
  public void configure(ListenerConfig now, @Nullable ServerTls tls) {
    ListenerConfig before = serving.config();
    if (!now.name().equals(before.name()) || now.protocol() != before.protocol()) {
      meters = new ListenerMeters(scope, now);
    }
    nameBefore = before.name();
    serving = new Serving(now, tls);
  }

  /**
   * The next generation does not have this listener: its connections end on {@code with}. Call
   * before the next one is published; {@link #drain} follows.
   */
  public void stayWith(Generation with) {
    last = with;
  }

  /**
   * What was configured serves: connections that it would not have let in end after what they are
   * at. Requests on them are refused from {@link #configure} on.
   */
  public void reconsider() {
    onEach(ListenerConnection::reconsider);
  }

  /** The TLS that connections are accepted with now; null for plaintext. */
  @Nullable ServerTls tls() {
    return serving.tls();
  }

  /** The generation to end on, or null to go with the time. */
  @Nullable Generation last() {
    return last;
  }

  /** The name under which it serves now. */
  String name() {
    return serving.config().name();
  }

  /** The name under which it served before, for a moment between two generations. */
  String nameBefore() {
    return nameBefore;
  }

  Services services() {
    return services;
  }

  ListenerMeters meters() {
    return meters;
  }

  boolean draining() {
    return draining;
  }

  /** A connection begins, on its loop. */
  void opened(ListenerConnection connection, LoopContext loop) {
    connections.get(loop.index()).add(connection);
    open.opened(serving.config().limits().maxConnections());
  }

  /** One connection takes the place of another on the same socket, on its loop. */
  void replaced(ListenerConnection before, ListenerConnection now, LoopContext loop) {
    if (connections.get(loop.index()).remove(before)) {
      connections.get(loop.index()).add(now);
    }
  }

  /** A connection ended, on its loop. */
  void ended(ListenerConnection connection, LoopContext loop) {
    if (connections.get(loop.index()).remove(connection)) {
      open.ended(serving.config().limits().maxConnections());
    }
  }

  /** The generation that names this listener serves: takes the connections that wait. */
  public void accept() {
    accept(true);
  }

  private void accept(boolean on) {
    Channel channel = server;
    if (channel != null && channel.config().isAutoRead() != on) {
      channel.config().setAutoRead(on);
    }
  }

  /** Open connections. */
  public int connections() {
    return open.get();
  }

  /**
   * Accepts no more; what is open ends after its exchange, what is idle a little later. Completes
   * when the socket is closed, not when the connections are.
   */
  public CompletionStage<Void> drain() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Channel channel = server;
    if (channel == null) {
      drainConnections();
      closed.complete(null);
    } else {
      SocketFile ours = file;
      if (ours != null) {
        ours.remove();
      }
      // The socket first: a client that is told to close connects again, and must be refused then,
      // not queued by the kernel and reset.
      channel
          .close()
          .addListener(
              future -> {
                drainConnections();
                closed.complete(null);
              });
    }
    return closed;
  }

  private void drainConnections() {
    draining = true;
    onEach(ListenerConnection::drain);
  }

  private void onEach(Consumer<ListenerConnection> task) {
    for (LoopContext loop : services.loops().contexts()) {
      Set<ListenerConnection> here = connections.get(loop.index());
      loop.loop().execute(() -> List.copyOf(here).forEach(task));
    }
  }

  /**
   * Closes every connection as it stands. After {@link #drain}. Completes when each was told; until
   * then the event loops must not be stopped, for that closes their channels as if all had been
   * said.
   */
  public CompletionStage<Void> closeNow() {
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (LoopContext loop : services.loops().contexts()) {
      Set<ListenerConnection> here = connections.get(loop.index());
      CompletableFuture<Void> done = new CompletableFuture<>();
      told.add(done);
      loop.loop()
          .execute(
              () -> {
                try {
                  List.copyOf(here).forEach(ListenerConnection::shutDown);
                } finally {
                  done.complete(null);
                }
              });
    }
    scope.close();
    return CompletableFuture.allOf(told.toArray(CompletableFuture[]::new));
  }
}
