package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.TransportType;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConnectorTest {

  private final EventLoops loops = new EventLoops(TransportType.AUTO, 1);
  private final EventLoop loop = loops.contexts().get(0).loop();
  private final List<Object> heard = new CopyOnWriteArrayList<>();
  private final List<Socket> filling = new ArrayList<>();
  private ServerSocket good;
  private ServerSocket silent;

  @BeforeEach
  void listen() throws IOException {
    good = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    while (fills()) {
      // until its backlog is full, and it answers no more
    }
  }

  private boolean fills() throws IOException {
    Socket socket = new Socket();
    filling.add(socket);
    try {
      socket.connect(silent.getLocalSocketAddress(), 300);
      return true;
    } catch (SocketTimeoutException full) {
      return false;
    }
  }

  @AfterEach
  void stop() throws Exception {
    loops.close(Duration.ofSeconds(10)).toCompletableFuture().get(20, TimeUnit.SECONDS);
    good.close();
    silent.close();
    for (Socket each : filling) {
      each.close();
    }
  }

  private static InetSocketAddress of(ServerSocket server) {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** One of a privileged port where nobody listens. */
  private static InetSocketAddress refusing() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  private Connector connect(int timeoutMillis, InetSocketAddress... addresses) throws Exception {
    Dialer.Done done =
        new Dialer.Done() {
          @Override
          public void connected(Channel channel) {
            heard.add(channel);
          }

          @Override
          public void failed(Throwable cause) {
            heard.add(cause);
          }
        };
    return loop.submit(
            () -> {
              Connector made =
                  new Connector(
                      new Dialer(loops, loop),
                      timeoutMillis,
                      new ChannelInboundHandlerAdapter(),
                      done);
              made.addresses(List.of(addresses));
              return made;
            })
        .get(10, TimeUnit.SECONDS);
  }

  /** What was begun has come to its end: nothing more is heard then. */
  private void settle() throws Exception {
    for (int i = 0; i < 5; i++) {
      loop.submit(() -> {}).get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void theFirstThatAnswersIsTakenAndOfTheOthersNothingIsHeard() throws Exception {
    connect(20_000, of(silent), refusing(), of(good));
    await().atMost(Duration.ofSeconds(10)).until(() -> !heard.isEmpty());
    settle();
    assertThat(heard).singleElement().isInstanceOf(Channel.class);
    Channel taken = (Channel) heard.get(0);
    assertThat(taken.remoteAddress()).isEqualTo(of(good));
    assertThat(taken.isActive()).isTrue();
  }

  @Test
  void whereEachRefusesOneFailureIsHeard() throws Exception {
    connect(20_000, refusing(), refusing(), refusing());
    await().atMost(Duration.ofSeconds(10)).until(() -> !heard.isEmpty());
    settle();
    assertThat(heard).singleElement().isInstanceOf(ConnectException.class);
  }

  @Test
  void aRefusalBesideOneThatIsUnderWayIsNoEnd() throws Exception {
    connect(600, of(silent), refusing());
    await().atMost(Duration.ofSeconds(10)).until(() -> !heard.isEmpty());
    settle();
    assertThat(heard).singleElement().isInstanceOf(ConnectTimeoutException.class);
  }

  @Test
  void whoCancelsHearsNothing() throws Exception {
    Connector connector = connect(20_000, of(silent), of(good));
    loop.submit(connector::cancel).get(10, TimeUnit.SECONDS);
    settle();
    Duration turn = Duration.ofMillis(2 * Connector.ATTEMPT_DELAY_MILLIS); // the next address's
    await().during(turn).atMost(turn.plusSeconds(10)).until(heard::isEmpty);
  }
}
