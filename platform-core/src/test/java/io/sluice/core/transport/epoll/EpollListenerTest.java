package io.sluice.core.transport.epoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class EpollListenerTest {

  private MultiThreadIoEventLoopGroup group;
  private final List<EpollStream> accepted = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  @AfterEach
  void stop() throws Exception {
    await().untilAsserted(() -> assertThat(accepted).noneMatch(EpollStream::isOpen));
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).get(20, TimeUnit.SECONDS);
  }

  /** Echoes what each connection sends. */
  private EpollListener listen(SocketAddress address) throws Exception {
    EpollListener listener = EpollListener.toBind(address);
    listener.config().setAutoRead(false);
    listener.config().setOption(ChannelOption.SO_BACKLOG, 256);
    if (address instanceof InetSocketAddress) {
      listener.config().setOption(ChannelOption.SO_REUSEADDR, true);
      assertThat(listener.config().getOption(ChannelOption.SO_REUSEADDR)).isTrue();
    }
    listener
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object connection) {
                EpollStream stream = (EpollStream) connection;
                accepted.add(stream);
                stream
                    .pipeline()
                    .addLast(
                        new ChannelInboundHandlerAdapter() {
                          @Override
                          public void channelRead(ChannelHandlerContext from, Object message) {
                            from.writeAndFlush(message);
                          }
                        });
                group.register(stream);
              }
            });
    group.register(listener).get(10, TimeUnit.SECONDS);
    listener.bind(address).get(10, TimeUnit.SECONDS);
    return listener;
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static Socket connect(EpollListener to) throws IOException {
    InetSocketAddress address = (InetSocketAddress) to.localAddress();
    return new Socket(InetAddress.getLoopbackAddress(), address.getPort());
  }

  private static void echoes(Socket client) throws IOException {
    client.getOutputStream().write(new byte[] {1, 2, 3});
    assertThat(client.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
  }

  @Test
  void whoConnectsWaitsUntilItAccepts() throws Exception {
    EpollListener listener = listen(anyPort());
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clients.add(connect(listener));
    }
    assertThat(accepted).isEmpty();
    listener.config().setAutoRead(true);
    for (Socket each : clients) {
      echoes(each);
    }
    assertThat(accepted).hasSize(100);

    listener.config().setAutoRead(false);
    group.submit(() -> {}).get(10, TimeUnit.SECONDS);
    Socket late = connect(listener);
    clients.add(late);
    echoes(clients.get(0)); // a round later it is still not accepted
    assertThat(accepted).hasSize(100);
    listener.config().setAutoRead(true);
    echoes(late);
    for (int i = 0; i < 50; i++) { // singly
      Socket next = connect(listener);
      clients.add(next);
      echoes(next);
    }
    assertThat(accepted).hasSize(151);
    for (Socket each : clients) {
      each.close();
    }
  }

  @Test
  void whatItAcceptsKnowsBothItsEnds() throws Exception {
    EpollListener everywhere = listen(new InetSocketAddress("0.0.0.0", 0));
    everywhere.config().setAutoRead(true);
    try (Socket client = connect(everywhere)) {
      echoes(client);
      EpollStream stream = accepted.get(0);
      assertThat(stream.parent()).isSameAs(everywhere);
      assertThat(stream.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
      assertThat(stream.localAddress()).isEqualTo(client.getRemoteSocketAddress());
      assertThat(stream.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
      assertThat(stream.config().getOption(ChannelOption.SO_KEEPALIVE)).isFalse();
    }
    try (Socket client = connect(everywhere)) {
      echoes(client);
    }
    EpollStream closed = accepted.get(1);
    await().until(() -> !closed.isOpen());
    assertThat(closed.localAddress()).isEqualTo(everywhere.localAddress());
  }

  @Test
  void servesIpv6AndIpv4AtTheWildcard() throws Exception {
    EpollListener everywhere = listen(new InetSocketAddress("::", 0));
    everywhere.config().setAutoRead(true);
    int port = ((InetSocketAddress) everywhere.localAddress()).getPort();
    for (String host : List.of("::1", "127.0.0.1")) {
      try (Socket client = new Socket(host, port)) {
        echoes(client);
      }
    }
    InetSocketAddress last = (InetSocketAddress) accepted.get(1).remoteAddress();
    assertThat(last.getAddress().getHostAddress()).isEqualTo("127.0.0.1");
  }

  @Test
  void anAddressThatIsTakenIsSaid() throws Exception {
    EpollListener listener = listen(anyPort());
    assertThatThrownBy(() -> listen(listener.localAddress()))
        .hasRootCauseInstanceOf(IOException.class)
        .hasMessageContaining("Address already in use")
        .satisfies(e -> assertThat(e.getCause()).isNotInstanceOf(BindException.class));
    listener.close().get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> connect(listener)).hasMessageContaining("refused");
  }

  @Test
  void servesAUnixDomainSocket(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("s");
    DomainSocketAddress address = new DomainSocketAddress(file.toString());
    EpollListener listener = listen(address);
    listener.config().setAutoRead(true);
    assertThat(listener.localAddress()).isEqualTo(address);
    try (SocketChannel client = SocketChannel.open(java.net.UnixDomainSocketAddress.of(file))) {
      client.write(ByteBuffer.wrap(new byte[] {4, 5}));
      ByteBuffer in = ByteBuffer.allocate(2);
      while (in.hasRemaining()) {
        assertThat(client.read(in)).isPositive();
      }
      assertThat(in.array()).containsExactly(4, 5);
      EpollStream stream = accepted.get(0);
      assertThat(stream.localAddress()).isEqualTo(address);
      assertThat(stream.remoteAddress()).isEqualTo(new DomainSocketAddress(""));
      assertThat(stream.config().setOption(ChannelOption.SO_KEEPALIVE, true)).isFalse();
      assertThat(stream.config().setOption(ChannelOption.SO_LINGER, 0)).isFalse();
      assertThat(stream.config().getOption(ChannelOption.TCP_NODELAY)).isNull();
    }
    Recorder heard = new Recorder(true);
    EpollStream stream = EpollStream.toReach(address);
    stream.config().setAutoRead(false);
    stream.pipeline().addLast(heard);
    group.register(stream);
    stream.connect(address).get(10, TimeUnit.SECONDS);
    stream.writeAndFlush(io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {6, 7}));
    await().untilAsserted(() -> assertThat(heard.octets()).containsExactly(6, 7));
    stream.close().get(10, TimeUnit.SECONDS);
    assertThat(Files.exists(file)).isTrue();
  }
}
