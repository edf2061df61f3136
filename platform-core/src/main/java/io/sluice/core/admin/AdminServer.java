package io.sluice.core.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.core.observe.MeterRegistry;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves the admin API, on one thread of its own: it answers while every data-plane loop is busy.
 * Started and stopped by whoever boots the platform. From any thread.
 */
public final class AdminServer {

  private static final int MAX_LINE = 8192;
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int MAX_CONNECTIONS = 256;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("sluice-admin", true), NioIoHandler.newFactory());
  private final ChannelGroup connections;
  private final AdminConfig config;
  private final AdminDispatch dispatch;
  private @Nullable Channel admin;
  private @Nullable Channel metrics;

  private AdminServer(
      AdminConfig config, AdminModel model, MeterRegistry meters, Executor blocking) {
    this.config = config;
    this.connections = new DefaultChannelGroup("sluice-admin", group.next());
    this.dispatch = new AdminDispatch(config, new AdminRoutes(model, meters), blocking);
  }

  /**
   * Binds what {@code config} says.
   *
   * @param blocking runs the calls of {@code model} that may block
   * @return completes with the server once it listens, or exceptionally with a {@link
   *     BindException} of one line that says where it cannot; then nothing is left behind
   */
  public static CompletionStage<AdminServer> start(
      AdminConfig config, AdminModel model, MeterRegistry meters, Executor blocking) {
    AdminServer server = new AdminServer(config, model, meters, blocking);
    return server
        .bind("admin.bind", config.bind(), false)
        .thenCompose(
            channel -> {
              server.admin = channel;
              return server.bind("admin.metrics-bind", config.metricsBind(), true);
            })
        .handle(
            (channel, failure) -> {
              if (failure == null) {
                server.metrics = channel;
                return CompletableFuture.completedFuture(server);
              }
              Throwable cause = failure.getCause() == null ? failure : failure.getCause();
              return server
                  .stop()
                  .<AdminServer>thenCompose(ok -> CompletableFuture.failedFuture(cause));
            })
        .thenCompose(stage -> stage);
  }

  /** Where the admin API listens, the port chosen where 0 was asked for; null for nowhere. */
  public @Nullable InetSocketAddress address() {
    return admin == null ? null : (InetSocketAddress) admin.localAddress();
  }

  /** Where the metrics are served besides; null for nowhere. */
  public @Nullable InetSocketAddress metricsAddress() {
    return metrics == null ? null : (InetSocketAddress) metrics.localAddress();
  }

  /** The configuration that it was started with. */
  public AdminConfig config() {
    return config;
  }

  /** Closes the listening sockets and every connection; completes when the thread has ended. */
  public CompletionStage<Void> stop() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    connections
        .close()
        .addListener(
            closed ->
                group
                    .shutdownGracefully(0, 1, TimeUnit.SECONDS)
                    .addListener(ended -> stopped.complete(null)));
    return stopped;
  }

  private CompletableFuture<@Nullable Channel> bind(
      String key, @Nullable BindAddress where, boolean metricsDoor) {
    if (where == null) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<@Nullable Channel> bound = new CompletableFuture<>();
    InetSocketAddress address = where.socketAddress();
    if (address.isUnresolved()) {
      bound.completeExceptionally(cannot(key, where, "the name is unknown"));
      return bound;
    }
    ChannelFuture binding =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(new Connections(metricsDoor))
            .bind(address);
    binding.addListener(
        done -> {
          if (done.isSuccess()) {
            connections.add(binding.channel());
            bound.complete(binding.channel());
          } else {
            bound.completeExceptionally(cannot(key, where, done.cause().getMessage()));
          }
        });
    return bound;
  }

  private static BindException cannot(String key, BindAddress where, @Nullable String why) {
    return new BindException("cannot bind " + key + " " + where + ": " + why);
  }

  private final class Connections extends ChannelInitializer<SocketChannel> {
    private final boolean metricsDoor;

    Connections(boolean metricsDoor) {
      this.metricsDoor = metricsDoor;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (connections.size() >= MAX_CONNECTIONS) {
        ChannelFuture unused = channel.close();
        return;
      }
      connections.add(channel);
      channel
          .pipeline()
          .addLast(new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_LINE))
          .addLast(new AdminBodies())
          .addLast(new FlowControlHandler())
          .addLast(new AdminHandler(dispatch, metricsDoor));
    }
  }
}
