package io.sluice.core.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EventLoopsTest {

  /** In the pipeline of a channel until that is gone. */
  private static final class Resident extends ChannelInboundHandlerAdapter {
    private volatile boolean there;

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      there = true;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      there = false;
    }
  }

  /** Every transport of this machine: not everywhere does the kernel let us have io_uring. */
  static List<TransportType> usable() {
    return Stream.of(TransportType.values()).filter(type -> type.unavailable() == null).toList();
  }

  private static ChannelFactory<? extends ServerChannel> channels(EventLoops loops) {
    SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return Objects.requireNonNull(loops.listening(any));
  }

  private static Channel listen(EventLoops loops, Resident resident) throws Exception {
    return new ServerBootstrap()
        .group(loops.group())
        .channelFactory(channels(loops))
        .handler(resident)
        .childHandler(new ChannelInboundHandlerAdapter())
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  @ParameterizedTest
  @MethodSource("usable")
  void toldToEndInTheMidstOfATaskItClosesWhatIsOpen(TransportType type) throws Exception {
    EventLoops loops = new EventLoops(type, 1);
    Resident resident = new Resident();
    Channel channel = listen(loops, resident);
    assertThat(resident.there).isTrue();
    EventLoop loop = loops.contexts().get(0).loop();
    CompletableFuture<Void> running = new CompletableFuture<>();
    AtomicBoolean told = new AtomicBoolean();
    loop.execute(
        () -> {
          running.complete(null);
          while (!told.get()) {
            // busy: the loop is past its look at whether it is to end
          }
        });
    running.get(10, TimeUnit.SECONDS);

    CompletableFuture<Void> closed = loops.close(Duration.ofSeconds(10)).toCompletableFuture();
    told.set(true);
    closed.get(10, TimeUnit.SECONDS);

    assertThat(channel.isOpen()).isFalse();
    assertThat(resident.there).isFalse();
  }

  @ParameterizedTest
  @MethodSource("usable")
  void aChannelThatOpensWhileOthersCloseIsClosedToo(TransportType type) throws Exception {
    EventLoops loops = new EventLoops(type, 1);
    Channel first = listen(loops, new Resident());
    Resident late = new Resident();
    CompletableFuture<Channel> opened = new CompletableFuture<>();
    first
        .closeFuture()
        .addListener(
            gone ->
                new ServerBootstrap()
                    .group(loops.group())
                    .channelFactory(channels(loops))
                    .handler(late)
                    .childHandler(new ChannelInboundHandlerAdapter())
                    .register()
                    .addListener(
                        future ->
                            opened.complete(((io.netty.channel.ChannelFuture) future).channel())));

    loops.close(Duration.ofSeconds(10)).toCompletableFuture().get(20, TimeUnit.SECONDS);

    assertThat(opened.get(10, TimeUnit.SECONDS).isOpen()).isFalse();
    assertThat(late.there).isFalse();
  }
}
