package io.sluice.core.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class LateEpollHandlerTest {

  private static final int EPOLLIN = EpollIoOps.EPOLLIN.value();
  private static final int EPOLLRDHUP = EpollIoOps.EPOLLRDHUP.value();

  private MultiThreadIoEventLoopGroup group;
  private IoEventLoop loop;
  private ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    group = new MultiThreadIoEventLoopGroup(1, LateEpollHandler.newFactory());
    loop = group.next();
    server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).get(20, TimeUnit.SECONDS);
  }

  /** Counts the octets it is sent. */
  private static final class Counting extends ChannelInboundHandlerAdapter {
    final AtomicInteger octets = new AtomicInteger();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      octets.addAndGet(((io.netty.buffer.ByteBuf) message).readableBytes());
      ReferenceCountUtil.release(message);
    }
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  private EpollSocketChannel open(Counting counting) {
    EpollSocketChannel channel = new EpollSocketChannel();
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(counting);
    group.register(channel);
    channel.connect(server.getLocalSocketAddress());
    return channel;
  }

  /** What the kernel watches a descriptor for in any epoll of this process; -1 for not at all. */
  private static int watched(int descriptor) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
      for (Path one : all) {
        for (String line : lines(one)) {
          String[] words = line.trim().split(" +");
          if (words[0].equals("tfd:") && Integer.parseInt(words[1]) == descriptor) {
            return Integer.parseUnsignedInt(words[3], 16);
          }
        }
      }
    }
    return -1;
  }

  private static List<String> lines(Path info) {
    try {
      return Files.readAllLines(info);
    } catch (IOException e) {
      return List.of(); // closed meanwhile
    }
  }

  private static int masked(int events) {
    return events < 0 ? events : events & (EPOLLIN | EPOLLRDHUP | EpollIoOps.EPOLLOUT.value());
  }

  @Test
  void theKernelHearsWhatASocketWaitsForAfterTheRound() throws Exception {
    Counting counting = new Counting();
    EpollSocketChannel channel = onLoop(() -> open(counting));
    try (Socket peer = server.accept()) {
      await().until(channel::isActive);
      int descriptor = channel.fd().intValue();
      await().untilAsserted(() -> assertThat(masked(watched(descriptor))).isEqualTo(EPOLLRDHUP));

      int within =
          onLoop(
              () -> {
                channel.config().setAutoRead(true);
                return masked(watched(descriptor));
              });
      assertThat(within).isEqualTo(EPOLLRDHUP);
      await()
          .untilAsserted(
              () -> assertThat(masked(watched(descriptor))).isEqualTo(EPOLLIN | EPOLLRDHUP));

      peer.getOutputStream().write(new byte[] {1, 2, 3});
      await().untilAsserted(() -> assertThat(counting.octets).hasValue(3));

      channel.close().get(10, TimeUnit.SECONDS);
      assertThat(watched(descriptor)).isEqualTo(-1);
    }
  }

  @Test
  void aChangeThatIsTakenBackLosesNothing() throws Exception {
    Counting counting = new Counting();
    EpollSocketChannel channel = onLoop(() -> open(counting));
    try (Socket peer = server.accept()) {
      await().until(channel::isActive);
      onLoop(
          () -> {
            channel.config().setAutoRead(true);
            channel.config().setAutoRead(false);
            channel.config().setAutoRead(true);
            return null;
          });
      peer.getOutputStream().write(new byte[5]);
      await().untilAsserted(() -> assertThat(counting.octets).hasValue(5));
    }
    channel.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void aDescriptorThatIsUsedAgainAtOnceIsWatchedForItsNewSocket() throws Exception {
    List<Integer> descriptors = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      Counting counting = new Counting();
      EpollSocketChannel second =
          onLoop(
              () -> {
                EpollSocketChannel first = open(new Counting());
                first.config().setAutoRead(true);
                descriptors.add(first.fd().intValue());
                first.close(); // its number is the lowest that is free: the next socket gets it
                EpollSocketChannel next = open(counting);
                next.config().setAutoRead(true);
                descriptors.add(next.fd().intValue());
                return next;
              });
      server.accept().close();
      try (Socket peer = server.accept()) {
        await().until(second::isActive);
        peer.getOutputStream().write(new byte[7]);
        await().untilAsserted(() -> assertThat(counting.octets).hasValue(7));
      }
      second.close().get(10, TimeUnit.SECONDS);
    }
    assertThat(descriptors.stream().distinct().count()).isLessThan(descriptors.size());
  }

  /** A descriptor of what epoll does not watch. */
  private static final class OfAFile implements EpollIoHandle {
    final FileDescriptor descriptor;
    final AtomicInteger closed = new AtomicInteger();

    OfAFile(Path file) throws IOException {
      descriptor = FileDescriptor.from(file.toFile());
    }

    @Override
    public FileDescriptor fd() {
      return descriptor;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      throw new IllegalStateException("a file has no events");
    }

    @Override
    public void close() {
      closed.incrementAndGet();
      try {
        descriptor.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void whatEpollRefusesIsClosedAndTheOthersGoOn(@TempDir Path folder) throws Exception {
    OfAFile refused = new OfAFile(Files.createFile(folder.resolve("file")));
    Counting counting = new Counting();
    Channel channel =
        onLoop(
            () -> {
              IoRegistration registration = loop.register(refused).getNow();
              registration.submit(EpollIoOps.EPOLLIN);
              EpollSocketChannel beside = open(counting);
              beside.config().setAutoRead(true);
              return beside;
            });
    try (Socket peer = server.accept()) {
      peer.getOutputStream().write(new byte[2]);
      await().untilAsserted(() -> assertThat(counting.octets).hasValue(2));
    }
    assertThat(refused.closed).hasValue(1);
    channel.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void aCancelledRegistrationHearsNothingMore() throws Exception {
    AtomicInteger events = new AtomicInteger();
    EpollSocketChannel channel = new EpollSocketChannel();
    EpollIoHandle handle =
        new EpollIoHandle() {
          @Override
          public FileDescriptor fd() {
            return channel.fd();
          }

          @Override
          public void handle(IoRegistration registration, IoEvent event) {
            registration.cancel();
            events.incrementAndGet();
          }

          @Override
          public void close() {
            channel.close();
          }
        };
    IoRegistration registration =
        onLoop(
            () -> {
              IoRegistration made = loop.register(handle).getNow();
              made.submit(EpollIoOps.EPOLLOUT); // of a socket that is not connected: at once
              return made;
            });
    await().untilAsserted(() -> assertThat(events).hasValue(1));
    assertThat(registration.isValid()).isFalse();
    assertThat(registration.cancel()).isFalse();
    await().untilAsserted(() -> assertThat(watched(channel.fd().intValue())).isEqualTo(-1));
    assertThat(events).hasValue(1);
    channel.unsafe().closeForcibly();
  }
}
