package io.sluice.core.transport.epoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
final class EpollStreamTest {

  private static final int IN = EpollIoOps.EPOLLIN.value();
  private static final int OUT = EpollIoOps.EPOLLOUT.value();
  private static final int PRI = 0x2;
  private static final int RDHUP = EpollIoOps.EPOLLRDHUP.value();
  private static final int EDGES = EpollIoOps.EPOLLET.value();

  private MultiThreadIoEventLoopGroup group;
  private EventLoop loop;
  private ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    loop = group.next();
    server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).get(20, TimeUnit.SECONDS);
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  /**
   * Keeps the loop busy, from now until the latch is down: what is done meanwhile is reported in
   * one round.
   */
  private CountDownLatch hold() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(
        () -> {
          held.countDown();
          spinUntil(release);
        });
    assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
    return release;
  }

  /** On the loop, where whatever waits, or says that it spins, is an error. */
  private static void spinUntil(CountDownLatch release) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (release.getCount() > 0 && System.nanoTime() - until < 0) {
      // until the test has done what it does meanwhile
    }
  }

  private EpollStream unconnected(ChannelInboundHandlerAdapter handler) {
    EpollStream stream = EpollStream.toReach(server.getLocalSocketAddress());
    stream.config().setAutoRead(false);
    stream.pipeline().addLast(handler);
    group.register(stream);
    return stream;
  }

  private EpollStream open(ChannelInboundHandlerAdapter handler) throws Exception {
    EpollStream stream = unconnected(handler);
    stream.connect(server.getLocalSocketAddress()).get(10, TimeUnit.SECONDS);
    return stream;
  }

  /**
   * Octets that wait in the kernel for an open socket of IPv4, told by its inode: there may be
   * others at the same local port, to elsewhere or of a moment ago.
   */
  private static int waitingFor(EpollStream stream) throws IOException {
    String link =
        Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream.fd().intValue())).toString();
    for (String line : Files.readAllLines(Path.of("/proc/net/tcp"))) {
      String[] words = line.trim().split(" +");
      if (link.equals("socket:[" + words[9] + "]")) {
        return Integer.parseInt(words[4].substring(words[4].indexOf(':') + 1), 16);
      }
    }
    throw new AssertionError(link + " is no socket of IPv4");
  }

  private static byte[] pattern(int size) {
    byte[] octets = new byte[size];
    for (int i = 0; i < size; i++) {
      octets[i] = (byte) (i * 31 + (i >> 8));
    }
    return octets;
  }

  /** What the kernel watches a descriptor for in any epoll of this process; 0 for not at all. */
  private static int watched(int descriptor) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
      for (Path one : all) {
        for (String line : lines(one)) {
          String[] words = line.trim().split(" +");
          if (words[0].equals("tfd:") && Integer.parseInt(words[1]) == descriptor) {
            return Integer.parseUnsignedInt(words[3], 16) & (IN | OUT | PRI | RDHUP | EDGES);
          }
        }
      }
    }
    return 0;
  }

  private static List<String> lines(Path info) {
    try {
      return Files.readAllLines(info);
    } catch (IOException e) {
      return List.of(); // closed meanwhile
    }
  }

  // ---- reading ----

  @Test
  void epollIsToldOnceWhetherItReadsOrNot() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = open(heard);
    try (Socket peer = server.accept()) {
      int descriptor = stream.fd().intValue();
      int all = IN | OUT | PRI | RDHUP | EDGES;
      await().untilAsserted(() -> assertThat(watched(descriptor)).isEqualTo(all));
      peer.getOutputStream().write(pattern(10));
      stream.read();
      await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(10));
      assertThat(watched(descriptor)).isEqualTo(all);
      stream.writeAndFlush(Unpooled.wrappedBuffer(pattern(10))).get(10, TimeUnit.SECONDS);
      assertThat(peer.getInputStream().readNBytes(10)).isEqualTo(pattern(10));
      assertThat(watched(descriptor)).isEqualTo(all);
      stream.close().get(10, TimeUnit.SECONDS);
      assertThat(watched(descriptor)).isZero();
    }
  }

  @Test
  void readsNothingUnasked() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = open(heard);
    try (Socket peer = server.accept()) {
      peer.getOutputStream().write(pattern(10));
      Recorder another = new Recorder(true);
      EpollStream beside = open(another);
      try (Socket next = server.accept()) { // what it is told came behind the report of the first
        next.getOutputStream().write(pattern(1));
        await().untilAsserted(() -> assertThat(another.count()).isEqualTo(1));
      }
      beside.close().get(10, TimeUnit.SECONDS);
      assertThat(heard.count()).isZero();
      stream.read();
      await().untilAsserted(() -> assertThat(heard.octets()).isEqualTo(pattern(10)));
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 127, 128, 129, 4_096, 100_000})
  void readsAllThatComesByBuffersOf64Octets(int size) throws Exception {
    for (boolean auto : new boolean[] {false, true}) {
      Recorder heard = new Recorder(!auto);
      EpollStream stream = unconnected(heard);
      stream.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(64));
      stream.config().setAutoRead(auto);
      stream.connect(server.getLocalSocketAddress());
      try (Socket peer = server.accept()) {
        OutputStream out = peer.getOutputStream();
        out.write(pattern(size));
        await().untilAsserted(() -> assertThat(heard.octets()).isEqualTo(pattern(size)));
        out.write(pattern(64)); // a read that filled its buffer left nothing: this is an edge
        await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(size + 64));
      }
      await().untilAsserted(() -> assertThat(stream.isOpen()).isFalse());
      assertThat(heard.events).containsExactly("active", "inactive");
    }
  }

  @Test
  void autoReadThatIsTurnedOffStopsAndOnAgainGoesOn() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = unconnected(heard);
    stream.config().setAutoRead(true);
    stream.connect(server.getLocalSocketAddress());
    try (Socket peer = server.accept()) {
      peer.getOutputStream().write(pattern(3));
      await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(3));
      onLoop(() -> stream.config().setAutoRead(false));
      peer.getOutputStream().write(pattern(5));
      Recorder another = new Recorder(true);
      EpollStream beside = open(another);
      try (Socket next = server.accept()) {
        next.getOutputStream().write(pattern(1));
        await().untilAsserted(() -> assertThat(another.count()).isEqualTo(1));
      }
      beside.close().get(10, TimeUnit.SECONDS);
      assertThat(heard.count()).isEqualTo(3);
      stream.config().setAutoRead(true);
      await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(8));
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void whoSendsMuchDoesNotKeepOthersWaiting() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Recorder much = new Recorder(true);
    EpollStream busy = unconnected(much);
    busy.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(64));
    busy.pipeline()
        .addFirst(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                began.countDown();
                spinUntil(goOn);
                context.fireChannelRead(message);
              }
            });
    busy.connect(server.getLocalSocketAddress()).get(10, TimeUnit.SECONDS);
    CompletableFuture<Integer> before = new CompletableFuture<>();
    try (Socket flood = server.accept()) {
      EpollStream beside =
          open(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  ReferenceCountUtil.release(message);
                  before.complete(much.count());
                }
              });
      try (Socket single = server.accept()) {
        beside.read();
        flood.getOutputStream().write(pattern(60_000));
        assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
        single.getOutputStream().write(1); // behind the report that is being served
        await().until(() -> waitingFor(busy) > 2 * 64 * 64 && waitingFor(beside) == 1);
        goOn.countDown();
        assertThat(before.get(10, TimeUnit.SECONDS)).isLessThan(64 * 64);
        await().untilAsserted(() -> assertThat(much.octets()).isEqualTo(pattern(60_000)));
        beside.close().get(10, TimeUnit.SECONDS);
      }
    }
    await().until(() -> !busy.isOpen());
  }

  @Test
  void whatIsBehindUrgentDataIsReadWithoutAnotherReport() throws Exception {
    for (boolean auto : new boolean[] {false, true}) {
      Recorder heard = new Recorder(!auto);
      EpollStream stream = unconnected(heard);
      stream.config().setAutoRead(auto);
      stream.connect(server.getLocalSocketAddress()).get(10, TimeUnit.SECONDS);
      try (Socket peer = server.accept()) {
        CountDownLatch written = hold();
        peer.getOutputStream().write(pattern(3));
        peer.sendUrgentData('!');
        peer.getOutputStream().write(pattern(5));
        peer.sendUrgentData('!');
        peer.getOutputStream().write(pattern(7));
        // of two, the first one is not urgent any more, and comes with the rest
        await().until(() -> waitingFor(stream) == 3 + 1 + 5 + 1 + 7);
        written.countDown();
        await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(3 + 1 + 5 + 7));
        assertThat(Arrays.copyOf(heard.octets(), 4)).isEqualTo(new byte[] {0, 31, 62, '!'});
        assertThat(Arrays.copyOfRange(heard.octets(), 9, 16)).isEqualTo(pattern(7));
      }
      await().until(() -> !stream.isOpen());
    }
  }

  @Test
  void whatIsBehindADescriptorIsReadWithoutAnotherReport(@TempDir Path folder) throws Exception {
    DomainSocketAddress address = new DomainSocketAddress(folder.resolve("a").toString());
    LinuxSocket listening = LinuxSocket.newSocketDomain();
    listening.bind(address);
    listening.listen(1);
    Recorder heard = new Recorder(true);
    EpollStream stream = EpollStream.toReach(address);
    stream.config().setAutoRead(false);
    stream.pipeline().addLast(heard);
    group.register(stream);
    stream.connect(address).get(10, TimeUnit.SECONDS);
    LinuxSocket peer = LinuxSocket.newSocket(listening.accept(new byte[128]));
    CountDownLatch written = hold();
    ByteBuffer octets = ByteBuffer.allocateDirect(5).put(pattern(5));
    assertThat(peer.send(octets, 0, 3)).isEqualTo(3);
    assertThat(peer.sendFd(listening.intValue())).isPositive(); // along with one octet
    assertThat(peer.send(octets, 0, 5)).isEqualTo(5);
    written.countDown();
    await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(3 + 1 + 5));
    peer.close();
    listening.close();
    await().until(() -> !stream.isOpen());
  }

  // ---- the end ----

  @Test
  void theEndOfTheInputComesUnaskedAndClosesOrLeavesTheOutputOpen() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = open(heard);
    server.accept().close();
    await().untilAsserted(() -> assertThat(heard.events).containsExactly("active", "inactive"));
    assertThat(stream.isOpen()).isFalse();

    Recorder half = new Recorder(false);
    EpollStream open = unconnected(half);
    open.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    open.connect(server.getLocalSocketAddress());
    try (Socket peer = server.accept()) {
      peer.shutdownOutput();
      await()
          .untilAsserted(
              () ->
                  assertThat(half.events)
                      .containsExactly(
                          "active",
                          "ChannelInputShutdownEvent",
                          "ChannelInputShutdownReadComplete"));
      assertThat(open.isInputShutdown()).isTrue();
      assertThat(open.isOutputShutdown()).isFalse();
      open.writeAndFlush(Unpooled.wrappedBuffer(pattern(3))).get(10, TimeUnit.SECONDS);
      open.shutdownOutput().get(10, TimeUnit.SECONDS);
      assertThat(peer.getInputStream().readAllBytes()).isEqualTo(pattern(3));
      assertThat(open.isShutdown()).isTrue();
    }
    open.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void theEndOfTheInputBringsOnePortionUnaskedAndNoMore() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = unconnected(heard);
    stream.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(64));
    stream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    stream.connect(server.getLocalSocketAddress()).get(10, TimeUnit.SECONDS);
    try (Socket peer = server.accept()) {
      peer.getOutputStream().write(pattern(1_000));
      peer.shutdownOutput();
      await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(64));
      stream.shutdownOutput().get(10, TimeUnit.SECONDS);
      assertThat(peer.getInputStream().read()).isEqualTo(-1); // epoll reports that both are over
      Recorder another = new Recorder(true);
      EpollStream beside = open(another);
      try (Socket next = server.accept()) { // what it is told came behind that report
        next.getOutputStream().write(pattern(1));
        await().untilAsserted(() -> assertThat(another.count()).isEqualTo(1));
      }
      beside.close().get(10, TimeUnit.SECONDS);
      assertThat(heard.count()).isEqualTo(64);
      stream.read();
      await().untilAsserted(() -> assertThat(heard.count()).isEqualTo(128));
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void whatIsAheadOfTheEndIsReadAsItIsAskedFor() throws Exception {
    Recorder heard = new Recorder(true);
    EpollStream stream = unconnected(heard);
    stream.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(1_000));
    stream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    stream.connect(server.getLocalSocketAddress());
    try (Socket peer = server.accept()) {
      CountDownLatch written = hold();
      peer.getOutputStream().write(pattern(50_500));
      peer.shutdownOutput();
      written.countDown();
      await().untilAsserted(() -> assertThat(heard.events).hasSize(3));
      assertThat(heard.octets()).isEqualTo(pattern(50_500));
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void anAnswerAheadOfAResetIsNotLostThoughTheSocketIsFull() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = open(heard);
    CountDownLatch written;
    ChannelFuture stuck;
    try (Socket peer = server.accept()) {
      stuck = stream.writeAndFlush(Unpooled.wrappedBuffer(new byte[32 << 20]));
      await().until(() -> stream.bytesBeforeWritable() > 0);
      written = hold();
      peer.getOutputStream().write(pattern(100_000));
      peer.setSoLinger(true, 0);
    }
    written.countDown();
    assertThat(stuck.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(stuck.isSuccess()).isFalse();
    assertThat(stream.isOpen()).isFalse();
    await().untilAsserted(() -> assertThat(heard.events).contains("inactive"));
    assertThat(heard.octets()).isEqualTo(pattern(100_000));
    assertThat(heard.events).hasSize(3);
    assertThat(heard.events.get(1)).contains("reset by peer");
  }

  @Test
  void aResetAfterTheEndOfTheInputIsTold() throws Exception {
    Recorder heard = new Recorder(false);
    EpollStream stream = unconnected(heard);
    stream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    stream.connect(server.getLocalSocketAddress());
    try (Socket peer = server.accept()) {
      peer.shutdownOutput();
      await().untilAsserted(() -> assertThat(heard.events).hasSize(3));
      peer.setSoLinger(true, 0);
    }
    await().untilAsserted(() -> assertThat(heard.events).hasSize(5));
    assertThat(heard.events.get(3)).startsWith("failed: connection");
    assertThat(heard.events.get(4)).isEqualTo("inactive");
    assertThat(stream.isOpen()).isFalse();
  }

  @Test
  void lingeringForNoTimeResets() throws Exception {
    EpollStream stream = open(new Recorder(false));
    try (Socket peer = server.accept()) {
      await().until(stream::isActive);
      assertThat(stream.config().setOption(ChannelOption.SO_LINGER, 0)).isTrue();
      stream.close().get(10, TimeUnit.SECONDS);
      assertThatThrownBy(() -> peer.getInputStream().read()).hasMessageContaining("reset");
    }
    assertThat(stream.config().setOption(ChannelOption.SO_LINGER, 0)).isFalse();
    assertThat(stream.config().getOption(ChannelOption.TCP_NODELAY)).isNull();
  }

  // ---- writing ----

  @Test
  void whatASlowReaderTakesLateComesWholeAndInOrder() throws Exception {
    EpollStream stream = open(new Recorder(false));
    try (Socket peer = server.accept()) {
      byte[] sent = pattern(12_000_000);
      int descriptor = stream.fd().intValue();
      List<ChannelFuture> writes =
          onLoop(
              () -> {
                List<ChannelFuture> each = new ArrayList<>();
                for (ByteBuf part : parts(sent)) {
                  each.add(stream.write(part));
                }
                stream.flush();
                return each;
              });
      await().until(() -> stream.bytesBeforeWritable() > 0);
      assertThat(watched(descriptor)).isEqualTo(IN | OUT | PRI | RDHUP | EDGES);
      assertThat(peer.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
      for (ChannelFuture write : writes) {
        write.get(10, TimeUnit.SECONDS);
      }
      await().until(() -> stream.bytesBeforeWritable() == 0);
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  /** Buffers of every kind: of the heap, direct, of many parts, empty, small and large. */
  private static List<ByteBuf> parts(byte[] all) {
    List<ByteBuf> parts = new ArrayList<>();
    int at = 0;
    for (int i = 0; at < all.length; i++) {
      int size = Math.min(all.length - at, i % 7 == 0 ? 1_500_000 : 1 + i * 37 % 5_000);
      byte[] octets = Arrays.copyOfRange(all, at, at + size);
      at += size;
      switch (i % 4) {
        case 0 -> parts.add(Unpooled.wrappedBuffer(octets));
        case 1 -> parts.add(PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(octets));
        case 2 ->
            parts.add(
                Unpooled.wrappedBuffer(
                    Unpooled.directBuffer().writeBytes(octets, 0, size / 2),
                    Unpooled.directBuffer().writeBytes(octets, size / 2, size - size / 2)));
        default -> {
          parts.add(Unpooled.EMPTY_BUFFER);
          parts.add(Unpooled.directBuffer().writeBytes(octets).asReadOnly());
        }
      }
    }
    return parts;
  }

  @Test
  void nothingButOctetsIsTaken() throws Exception {
    EpollStream stream = open(new Recorder(false));
    try (Socket peer = server.accept()) {
      await().until(stream::isActive);
      assertThatThrownBy(() -> stream.writeAndFlush("text").get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(UnsupportedOperationException.class);
      stream.writeAndFlush(Unpooled.EMPTY_BUFFER).get(10, TimeUnit.SECONDS);
      stream.writeAndFlush(Unpooled.wrappedBuffer(pattern(2))).get(10, TimeUnit.SECONDS);
      assertThat(peer.getInputStream().readNBytes(2)).isEqualTo(pattern(2));
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  // ---- connecting ----

  /** A port whose queue of connections is full: who knocks there waits. */
  private static final class Unanswered implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> queue = new ArrayList<>();

    Unanswered() throws IOException {
      server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      boolean full = false;
      while (!full) {
        Socket socket = new Socket();
        queue.add(socket);
        try {
          socket.connect(server.getLocalSocketAddress(), 300);
        } catch (java.net.SocketTimeoutException e) {
          full = true;
        }
      }
    }

    SocketAddress address() {
      return server.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
      for (Socket each : queue) {
        each.close();
      }
      server.close();
    }
  }

  private static Throwable failureOf(ChannelFuture connect) throws Exception {
    try {
      connect.get(10, TimeUnit.SECONDS);
      throw new AssertionError("connected");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void sayWhyItCannotConnect() throws Exception {
    SocketAddress nobody;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = gone.getLocalSocketAddress();
    }
    EpollStream refused = unconnected(new Recorder(false));
    assertThat(failureOf(refused.connect(nobody)))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("refused")
        .hasMessageContaining(nobody.toString());
    await().untilAsserted(() -> assertThat(refused.isOpen()).isFalse());
    try (Unanswered silent = new Unanswered()) {
      EpollStream slow = unconnected(new Recorder(false));
      slow.config().setConnectTimeoutMillis(100);
      ChannelFuture connecting = slow.connect(silent.address());
      assertThat(failureOf(slow.connect(silent.address())))
          .isInstanceOf(ConnectionPendingException.class);
      assertThat(failureOf(connecting))
          .isInstanceOf(ConnectTimeoutException.class)
          .hasMessageContaining("after 100 ms");
      await().untilAsserted(() -> assertThat(slow.isOpen()).isFalse());

      Recorder heard = new Recorder(false);
      EpollStream given = unconnected(heard);
      ChannelFuture up = given.connect(silent.address());
      given.close().get(10, TimeUnit.SECONDS);
      assertThat(failureOf(up)).isInstanceOf(ClosedChannelException.class);
      assertThat(heard.events).isEmpty();
    }
  }

  @Test
  void connectsOnce() throws Exception {
    EpollStream stream = open(new Recorder(false));
    try (Socket peer = server.accept()) {
      await().until(stream::isActive);
      assertThat(stream.remoteAddress()).isEqualTo(server.getLocalSocketAddress());
      assertThat(stream.localAddress()).isEqualTo(peer.getRemoteSocketAddress());
      assertThat(stream.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
      assertThat(failureOf(stream.connect(server.getLocalSocketAddress())))
          .isInstanceOf(AlreadyConnectedException.class);
      assertThat(stream.isActive()).isTrue();
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }

  /** Of two that have something to read in one round, the first closes the other and dials. */
  private final class Succession {
    private final SocketAddress to;
    private final List<EpollStream> pair = new ArrayList<>();
    private final Recorder heard = new Recorder(false);
    private final CompletableFuture<Boolean> sameDescriptor = new CompletableFuture<>();
    private @Nullable EpollStream successor;

    Succession(SocketAddress to) throws Exception {
      this.to = to;
      pair.add(open(closing(1)));
      pair.add(open(closing(0)));
    }

    private ChannelInboundHandlerAdapter closing(int other) {
      return new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
          ReferenceCountUtil.release(message);
          if (successor == null) {
            pair.get(other).close();
            successor = EpollStream.toReach(to);
            successor.pipeline().addLast(heard);
            group.register(successor);
            successor.connect(to);
            sameDescriptor.complete(successor.fd().intValue() == pair.get(other).fd().intValue());
          }
        }
      };
    }

    /** Answers whether the new socket had the descriptor of the one that was closed. */
    boolean took() throws Exception {
      try (Socket one = server.accept();
          Socket two = server.accept()) {
        await().until(() -> pair.get(0).isActive() && pair.get(1).isActive());
        pair.forEach(EpollStream::read);
        CountDownLatch written = hold();
        one.getOutputStream().write(1);
        two.getOutputStream().write(1);
        await().until(() -> waitingFor(pair.get(0)) == 1 && waitingFor(pair.get(1)) == 1);
        written.countDown();
        boolean same = sameDescriptor.get(10, TimeUnit.SECONDS);
        onLoop(() -> true);
        assertThat(heard.events).isEmpty();
        assertThat(successor.isActive()).isFalse();
        assertThat(successor.isOpen()).isTrue();
        pair.add(successor);
        for (EpollStream each : pair) {
          each.close().get(10, TimeUnit.SECONDS);
        }
        return same;
      }
    }
  }

  @Test
  void whatWasReportedOfAClosedSocketIsNotTakenForItsSuccessors() throws Exception {
    try (Unanswered silent = new Unanswered()) {
      boolean took = false;
      for (int tries = 0; tries < 50 && !took; tries++) { // another thread may take the number
        took = new Succession(silent.address()).took();
      }
      assertThat(took).isTrue();
    }
  }

  @Test
  void connectsFromWhereItIsTold() throws Exception {
    EpollStream stream = unconnected(new Recorder(false));
    InetSocketAddress from = new InetSocketAddress("127.0.0.3", 0);
    stream.connect(server.getLocalSocketAddress(), from).get(10, TimeUnit.SECONDS);
    try (Socket peer = server.accept()) {
      assertThat(peer.getInetAddress().getHostAddress()).isEqualTo("127.0.0.3");
    }
    stream.close().get(10, TimeUnit.SECONDS);
  }
}
