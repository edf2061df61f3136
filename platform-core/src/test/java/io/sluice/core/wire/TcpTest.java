package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.AccessLogFactory;
import io.sluice.api.observe.TcpConnection;
import io.sluice.core.wire.RawClient.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Listeners whose octets pass unread. */
class TcpTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** Which refuses whoever connects: no program is given that port by chance. */
  private static final String CLOSED = "\"127.0.0.1:1\"";

  /** Answers each line with itself, between brackets. */
  private static final RawEndpoint.Script ECHO =
      peer -> {
        for (String line = peer.readUntil("\n"); line != null; line = peer.readUntil("\n")) {
          peer.send("<" + line.trim() + ">\n");
        }
      };

  private static Proxy before(String endpoints, String more, PluginFactory<?>... plugins) {
    return Proxy.start(
        """
        listeners.db { bind = "127.0.0.1:0", protocol = tcp, upstream = db }
        upstreams.db { protocol = tcp, endpoints = [%s] }
        %s
        """
            .formatted(endpoints, more),
        List.of(plugins));
  }

  private static String quoted(RawEndpoint endpoint) {
    return "\"" + endpoint.address() + "\"";
  }

  @Test
  void passesOctetsBothWaysAsTheyCome() throws IOException {
    try (RawEndpoint endpoint = new RawEndpoint(ECHO);
        Proxy proxy = before(quoted(endpoint), "");
        RawClient client = proxy.connect("db")) {
      client.send("one\n");
      assertThat(client.until("\n")).isEqualTo("<one>\n");
      client.send("two\nthree\n");
      assertThat(client.until("<three>\n")).isEqualTo("<two>\n<three>\n");
      assertThat(endpoint.received()).isEqualTo("one\ntwo\nthree\n");
    }
  }

  @Test
  void anEndpointMaySpeakFirst() throws IOException {
    try (RawEndpoint endpoint =
            new RawEndpoint(
                peer -> {
                  peer.send("220 ready\r\n");
                  peer.readToEnd();
                });
        Proxy proxy = before(quoted(endpoint), "");
        RawClient client = proxy.connect("db")) {
      assertThat(client.until("\r\n")).isEqualTo("220 ready\r\n");
    }
  }

  @Test
  void aClientThatHalfClosesGetsTheWholeAnswer() throws IOException {
    try (RawEndpoint endpoint =
            new RawEndpoint(
                peer -> {
                  peer.readToEnd();
                  peer.send("after the end");
                });
        Proxy proxy = before(quoted(endpoint), "");
        RawClient client = proxy.connect("db")) {
      client.send("all I have to say").halfClose();
      Ending ending = client.ending();
      assertThat(ending.text()).isEqualTo("after the end");
      assertThat(ending.reset()).isFalse();
      assertThat(endpoint.received()).isEqualTo("all I have to say");
    }
  }

  @Test
  void anEndpointThatHalfClosesStillHearsTheClient() throws IOException {
    try (RawEndpoint endpoint = new RawEndpoint(peer -> peer.send("bye"));
        Proxy proxy = before(quoted(endpoint), "");
        RawClient client = proxy.connect("db")) {
      assertThat(client.ending()).isEqualTo(new Ending("bye", false));
      client.send("still here");
      await().atMost(SOON).until(() -> endpoint.received().equals("still here"));
      client.halfClose();
      await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
      assertThat(endpoint.peers().get(0).broken()).isFalse();
    }
  }

  @Test
  void aResetOfOneSideIsAResetOfTheOther() {
    CountDownLatch greeted = new CountDownLatch(1);
    try (RawEndpoint endpoint =
            new RawEndpoint(
                peer -> {
                  peer.send("hello\n");
                  peer.readUntil("\n");
                  peer.reset();
                });
        Proxy proxy = before(quoted(endpoint), "");
        RawClient client = proxy.connect("db")) {
      client.send("break\n");
      assertThat(client.ending().reset()).isTrue();
      endpoint.script(
          peer -> {
            greeted.countDown();
            peer.readToEnd();
          });
      endpoint.forget();
      RawClient leaving = proxy.connect("db");
      await().atMost(SOON).until(() -> greeted.await(10, TimeUnit.MILLISECONDS));
      leaving.reset();
      await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
      assertThat(endpoint.peers().get(0).broken()).isTrue();
    }
  }

  /** How connections ended, the first one first. */
  private static final class Endings implements AccessLogFactory, AccessLog {
    private final List<TcpConnection.Ending> all = new CopyOnWriteArrayList<>();

    @Override
    public String type() {
      return "endings";
    }

    @Override
    public AccessLog create(ConfigSection config, PluginContext context) {
      return this;
    }

    @Override
    public void log(Exchange exchange, Outcome outcome) {}

    @Override
    public void log(TcpConnection connection) {
      all.add(connection.ending());
    }

    @Override
    public void close() {}
  }

  @Test
  void aResetOfAnEndpointThatHalfClosedIsAResetOfTheClient() throws IOException {
    Endings endings = new Endings();
    try (RawEndpoint endpoint =
            new RawEndpoint(
                peer -> {
                  peer.send("bye");
                  peer.socket().shutdownOutput();
                  peer.readUntil("\n");
                  peer.reset();
                });
        Proxy proxy = before(quoted(endpoint), "access-log.type = endings", endings);
        RawClient client = proxy.connect("db")) {
      assertThat(client.ending()).isEqualTo(new Ending("bye", false));
      client.send("half of an upload\n");
      await().atMost(SOON).until(() -> endings.all.equals(List.of(TcpConnection.Ending.FAILED)));
      assertThatThrownBy(() -> client.send("the other half"))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void aResetOfAClientThatHalfClosedIsAResetOfTheEndpoint() throws IOException {
    Endings endings = new Endings();
    CountDownLatch logged = new CountDownLatch(1);
    try (RawEndpoint endpoint =
            new RawEndpoint(
                peer -> {
                  peer.readToEnd();
                  peer.send("some of the answer\n");
                  await().atMost(SOON).until(() -> logged.await(10, TimeUnit.MILLISECONDS));
                  peer.send("more");
                });
        Proxy proxy = before(quoted(endpoint), "access-log.type = endings", endings);
        RawClient client = proxy.connect("db")) {
      client.send("get").halfClose();
      assertThat(client.until("\n")).isEqualTo("some of the answer\n");
      client.reset();
      await().atMost(SOON).until(() -> endings.all.equals(List.of(TcpConnection.Ending.CANCELLED)));
      logged.countDown();
      await().atMost(SOON).until(() -> endpoint.peers().get(0).ended());
      assertThat(endpoint.peers().get(0).broken()).isTrue();
    }
  }

  @Test
  void triesAnotherEndpointWhenOneCannotBeReachedAndKeepsWhatTheClientSent() throws IOException {
    try (RawEndpoint endpoint = new RawEndpoint(ECHO);
        Proxy proxy = before(CLOSED + ", " + quoted(endpoint), "");
        RawClient client = proxy.connect("db")) {
      client.send("kept\n");
      assertThat(client.until("\n")).isEqualTo("<kept>\n");
    }
  }

  @Test
  void resetsTheClientWhenNoEndpointCanBeReached() {
    try (Proxy proxy = before(CLOSED, "");
        RawClient client = proxy.connect("db")) {
      assertThat(client.ending()).isEqualTo(new Ending("", true));
    }
  }

  @Test
  void waitsForAConnectionWhileTheUpstreamHasItsMostAndNoLongerThanItMay() throws IOException {
    try (RawEndpoint endpoint = new RawEndpoint(ECHO);
        Proxy proxy =
            before(
                quoted(endpoint), "upstreams.db.limits { max-connections = 1, max-pending = 1 }");
        RawClient first = proxy.connect("db")) {
      first.send("first\n");
      assertThat(first.until("\n")).isEqualTo("<first>\n");
      try (RawClient second = proxy.connect("db")) {
        second.send("second\n");
        first.leave();
        assertThat(second.until("\n")).isEqualTo("<second>\n");
      }
    }
  }

  @Test
  void refusesBeyondTheLimitAndTheQueue() throws IOException {
    try (RawEndpoint endpoint = new RawEndpoint(ECHO);
        Proxy proxy =
            before(
                quoted(endpoint), "upstreams.db.limits { max-connections = 1, max-pending = 0 }");
        RawClient first = proxy.connect("db")) {
      first.send("first\n");
      assertThat(first.until("\n")).isEqualTo("<first>\n");
      try (RawClient second = proxy.connect("db")) {
        assertThat(second.ending()).isEqualTo(new Ending("", true));
      }
    }
  }

  @Test
  void closesBothSidesWhenNeitherSaysAnything() {
    try (RawEndpoint endpoint = new RawEndpoint(ECHO);
        Proxy proxy = before(quoted(endpoint), "listeners.db.timeouts.tunnel-idle = 300ms");
        RawClient client = proxy.connect("db")) {
      assertThat(client.ending()).isEqualTo(new Ending("", false));
      await().atMost(SOON).until(endpoint::allEnded);
    }
  }

  @Test
  void aSlowReaderHoldsTheOtherSideBackBothWays() throws Exception {
    int most = 64 << 20;
    AtomicLong written = new AtomicLong();
    AtomicInteger stalls = new AtomicInteger();
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Proxy proxy = before("\"127.0.0.1:" + server.getLocalPort() + "\"", "");
        RawClient client = proxy.connect("db");
        Socket endpoint = server.accept()) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  OutputStream out = endpoint.getOutputStream();
                  byte[] piece = new byte[64 * 1024];
                  while (written.get() < most) {
                    out.write(piece);
                    written.addAndGet(piece.length);
                  }
                  endpoint.shutdownOutput();
                } catch (IOException e) {
                  stalls.set(-1);
                }
              });
      writer.setDaemon(true);
      writer.start();
      long before = RawClient.settled(written);
      assertThat(before).isLessThan(32 << 20);
      assertThat(client.count()).isEqualTo(most);
      assertThat(stalls.get()).isZero();
    }
    written.set(0);
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Proxy proxy = before("\"127.0.0.1:" + server.getLocalPort() + "\"", "");
        RawClient client = proxy.connect("db");
        Socket endpoint = server.accept()) {
      Thread writer = new Thread(() -> client.write(most, written));
      writer.setDaemon(true);
      writer.start();
      long before = RawClient.settled(written);
      assertThat(before).isLessThan(32 << 20);
      InputStream in = endpoint.getInputStream();
      long got = 0;
      byte[] piece = new byte[64 * 1024];
      while (got < most) {
        got += in.read(piece);
      }
      assertThat(got).isEqualTo(most);
    }
  }
}
