package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.TransportType;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DialerTest {

  private EventLoops loops = new EventLoops(TransportType.AUTO, 1);

  @AfterEach
  void stop() throws Exception {
    loops.close(Duration.ofSeconds(10)).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Dials again and again until a connection is made, or {@code tries} failed. */
  private final class Trying implements Dialer.Done {
    private final Dialer dialer;
    private final SocketAddress to;
    private final CompletableFuture<Object> outcome = new CompletableFuture<>();
    private int left;
    private boolean dialling;

    Trying(SocketAddress to, int tries) {
      EventLoop loop = loops.contexts().get(0).loop();
      this.dialer = new Dialer(loops, loop);
      this.to = to;
      this.left = tries;
      loop.execute(this::dial);
    }

    private void dial() {
      left--;
      dialling = true;
      dialer.dial(to, 5_000, new ChannelInboundHandlerAdapter(), this);
      dialling = false;
    }

    @Override
    public void connected(Channel channel) {
      outcome.complete(channel);
    }

    @Override
    public void failed(Throwable cause) {
      if (dialling) {
        outcome.completeExceptionally(new AssertionError("heard within dial()", cause));
      } else if (left == 0) {
        outcome.complete(cause);
      } else {
        dialer.loop().execute(this::dial);
      }
    }

    Object outcome() throws Exception {
      return outcome.get(50, TimeUnit.SECONDS);
    }
  }

  @Test
  void connects() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
      Object outcome = new Trying(server.getLocalSocketAddress(), 1).outcome();
      assertThat(outcome).isInstanceOf(Channel.class);
      Channel channel = (Channel) outcome;
      assertThat(channel.isActive()).isTrue();
      assertThat(channel.config().isAutoRead()).isFalse();
      channel.close().get(10, TimeUnit.SECONDS);
    }
  }

  /** An even one: the kernel lends those to connections first. */
  private static int portOfNobody() throws IOException {
    for (int port = 40_000; port < 60_000; port += 2) {
      try (ServerSocket free = new ServerSocket()) {
        free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException taken) {
        // the next one
      }
    }
    throw new IOException("every port is taken");
  }

  @Test
  void aConnectionToItselfIsNone() throws Exception {
    SocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), portOfNobody());
    // More tries than there are ports to lend, so that the one dialled is among them.
    assertThat(new Trying(nobody, 20_000).outcome()).isInstanceOf(ConnectException.class);
  }

  @Test
  void whatTheTransportCannotReachFailsAtOnce() throws Exception {
    loops.close(Duration.ofSeconds(10)).toCompletableFuture().get(20, TimeUnit.SECONDS);
    loops = new EventLoops(TransportType.NIO, 1);
    assertThat(new Trying(new DomainSocketAddress("/nowhere"), 1).outcome())
        .isInstanceOf(UnsupportedAddressTypeException.class);
  }
}
