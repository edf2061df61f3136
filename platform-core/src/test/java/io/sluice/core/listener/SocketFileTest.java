package io.sluice.core.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SocketFileTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("a.sock");
  }

  private ServerSocketChannel serve(int backlog) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(file), backlog);
    return server;
  }

  @Test
  void whatNobodyListensOnAnyMoreMakesWay() throws IOException {
    SocketFile.makeWay(file.toString());
    serve(1).close();
    assertThat(file).exists();
    SocketFile.makeWay(file.toString());
    assertThat(file).doesNotExist();
  }

  @Test
  void whatIsServedOrNoSocketStays() throws IOException {
    try (ServerSocketChannel server = serve(1)) {
      assertThat(server.isOpen()).isTrue();
      assertThatThrownBy(() -> SocketFile.makeWay(file.toString()))
          .isInstanceOf(IOException.class)
          .hasMessage("Address already in use");
      assertThat(file).exists();
    }
    Path text = Files.writeString(folder.resolve("text"), "of somebody");
    assertThatThrownBy(() -> SocketFile.makeWay(text.toString()))
        .hasMessageContaining("is no socket");
  }

  @Test
  @Timeout(20)
  void oneWhoseQueueIsFullIsServedAndNotWaitedFor() throws IOException {
    List<SocketChannel> queue = new ArrayList<>();
    try (ServerSocketChannel server = serve(1)) {
      assertThat(server.isOpen()).isTrue();
      assertThatThrownBy(
              () -> {
                while (queue.size() < 100) {
                  SocketChannel next = SocketChannel.open(StandardProtocolFamily.UNIX);
                  queue.add(next);
                  next.configureBlocking(false);
                  next.connect(UnixDomainSocketAddress.of(file));
                }
              })
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> SocketFile.makeWay(file.toString()))
          .hasMessageContaining("may be served");
      assertThat(file).exists();
    } finally {
      for (SocketChannel each : queue) {
        each.close();
      }
    }
  }

  /** As where we may not connect, which root, who runs tests too, always may. */
  @Test
  void oneThatCannotBeAskedStays() throws IOException {
    assertThat(Epoll.isAvailable()).isTrue();
    LinuxSocket datagrams = LinuxSocket.newSocketDomainDgram();
    datagrams.bind(new DomainSocketAddress(file.toString()));
    assertThatThrownBy(() -> SocketFile.makeWay(file.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("may be served by somebody else (Protocol wrong type");
    assertThat(file).exists();
    datagrams.close();
    SocketFile.makeWay(file.toString());
    assertThat(file).doesNotExist();
  }
}
