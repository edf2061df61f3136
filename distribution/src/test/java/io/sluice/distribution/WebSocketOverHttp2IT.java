package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * WebSockets through two Sluices in a row that speak HTTP/2 to each other: by {@code Upgrade} to
 * the first, as extended CONNECT (RFC 8441) to the second, by {@code Upgrade} to the endpoint.
 */
class WebSocketOverHttp2IT {

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final EchoingWebSockets endpoint = new EchoingWebSockets();
  private SluiceProcess second;
  private SluiceProcess first;

  @BeforeEach
  void start() throws IOException {
    second =
        SluiceProcess.run(
            Files.createDirectory(folder.resolve("second")),
            """
            listeners.web { bind = "127.0.0.1:0", http2 = only }
            upstreams.echo.endpoints = ["127.0.0.1:%d"]
            routes = [ { upstream = echo } ]
            access-log = off
            admin.bind = "127.0.0.1:0"
            """
                .formatted(endpoint.port()));
    first = SluiceProcess.run(Files.createDirectory(folder.resolve("first")), config("# as it is"));
  }

  private String config(String more) {
    return """
    listeners.web.bind = "127.0.0.1:0"
    upstreams.second { protocol = http2, endpoints = ["127.0.0.1:%d"] }
    routes = [
      %s
      { upstream = second }
    ]
    runtime.event-loops = 1
    access-log = off
    admin.bind = "127.0.0.1:0"
    """
        .formatted(second.port("web"), more);
  }

  @AfterEach
  void stop() {
    if (first != null) {
      first.close();
    }
    second.close();
    endpoint.close();
  }

  /** What a client hears: messages whole, PONGs and the end. */
  private static final class Heard implements WebSocket.Listener {
    final BlockingQueue<String> all = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        all.add("text " + text);
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] octets = new byte[data.remaining()];
      data.get(octets);
      binary.writeBytes(octets);
      if (last) {
        all.add("binary " + binary.size() + " " + Arrays.hashCode(binary.toByteArray()));
        binary.reset();
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
      all.add("pong " + StandardCharsets.US_ASCII.decode(message));
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      all.add("close " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      all.add("error " + error);
    }

    String next() throws InterruptedException {
      String next = all.poll(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(next).as("heard in time").isNotNull();
      return next;
    }
  }

  private WebSocket open(Heard heard) throws Exception {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .subprotocols("chat.v1")
        .buildAsync(URI.create("ws://127.0.0.1:" + first.port("web") + "/room?a=b"), heard)
        .get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void messagesPingsAndSubprotocolsPassBothWays() throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open(heard);
    assertThat(socket.getSubprotocol()).isEqualTo("chat.v1");
    assertThat(endpoint.heads.poll(20, TimeUnit.SECONDS))
        .startsWith("GET /room?a=b HTTP/1.1\r\n")
        .containsIgnoringCase("\r\nupgrade: websocket\r\n")
        .containsIgnoringCase("\r\nsec-websocket-version: 13\r\n")
        .doesNotContain(":protocol");
    socket.sendText("grüße", true).join();
    assertThat(heard.next()).isEqualTo("text grüße");
    socket.sendPing(ByteBuffer.wrap("are you there".getBytes(StandardCharsets.US_ASCII))).join();
    assertThat(heard.next()).isEqualTo("pong are you there");
    socket.sendText("in two ", false).join();
    socket.sendText("pieces", true).join();
    assertThat(heard.next()).isEqualTo("text in two pieces");
    byte[] large = new byte[1024 * 1024];
    new Random(8441).nextBytes(large);
    for (int i = 0; i < 8; i++) {
      socket.sendBinary(ByteBuffer.wrap(large), true).join();
      assertThat(heard.next()).isEqualTo("binary 1048576 " + Arrays.hashCode(large));
    }
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").join();
    assertThat(heard.next()).isEqualTo("close 1000 done");
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 3000, 4999})
  void closeCodesPassBothWays(int code) throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open(heard);
    socket.sendClose(code, "because").join();
    assertThat(endpoint.closes.poll(20, TimeUnit.SECONDS)).isEqualTo(code);
    assertThat(heard.next()).isEqualTo("close " + code + " because");
  }

  @Test
  void manyShareOneConnectionBetweenTheTwo() throws Exception {
    List<WebSocket> all = new ArrayList<>();
    List<Heard> ears = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Heard heard = new Heard();
      ears.add(heard);
      all.add(open(heard));
    }
    for (WebSocket each : all) {
      each.sendText("x", true).join();
    }
    for (Heard heard : ears) {
      assertThat(heard.next()).isEqualTo("text x");
    }
    assertThat(metric(first, "sluice_upstream_connections", "active")).isEqualTo(1);
    all.forEach(WebSocket::abort);
    await().atMost(SOON).until(() -> metric(first, "sluice_upstream_connections", "active") == 0);
  }

  private static double metric(SluiceProcess sluice, String name, String label) {
    return Client.get(sluice.adminPort(), "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + "{") && line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void aReloadOfEitherLeavesTunnelsOpen() throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open(heard);
    Files.writeString(
        folder.resolve("first/sluice.conf"),
        config("{ match.path = \"/new\", respond { status = 200, body = \"new\" } }"));
    assertThat(Client.call(first.adminPort(), "POST", "/reload", List.of()).status())
        .isEqualTo(200);
    Path inner = folder.resolve("second/sluice.conf");
    String other = "{ match.path = \"/other\", respond { status = 200, body = other } }, ";
    Files.writeString(inner, Files.readString(inner).replace("routes = [ ", "routes = [ " + other));
    assertThat(Client.call(second.adminPort(), "POST", "/reload", List.of()).status())
        .isEqualTo(200);
    assertThat(Client.get(first.port("web"), "/new").text()).isEqualTo("new");
    assertThat(Client.get(first.port("web"), "/other").text()).isEqualTo("other");
    socket.sendText("still here", true).join();
    assertThat(heard.next()).isEqualTo("text still here");
    // and when the routes are taken away altogether
    Files.writeString(
        folder.resolve("first/sluice.conf"),
        """
        listeners.web.bind = "127.0.0.1:0"
        routes = [ { respond { status = 200, body = "alone" } } ]
        runtime.event-loops = 1
        access-log = off
        admin.bind = "127.0.0.1:0"
        """);
    assertThat(Client.call(first.adminPort(), "POST", "/reload", List.of()).status())
        .isEqualTo(200);
    assertThat(Client.get(first.port("web"), "/").text()).isEqualTo("alone");
    socket.sendText("and here", true).join();
    assertThat(heard.next()).isEqualTo("text and here");
    socket.sendClose(1000, "").join();
    assertThat(heard.next()).isEqualTo("close 1000 ");
  }

  @Test
  void aSideThatDoesNotReadStopsTheOtherAndNothingIsLost() throws Exception {
    try (Socket client = new Socket("127.0.0.1", first.port("web"))) {
      client.setSoTimeout((int) SOON.toMillis());
      client
          .getOutputStream()
          .write(
              ("GET /raw HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                      + "Sec-WebSocket-Version: 13\r\n"
                      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      DataInputStream in = new DataInputStream(client.getInputStream());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      assertThat(head).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      Socket server = endpoint.raw.poll(20, TimeUnit.SECONDS);
      assertThat(server).isNotNull();
      passes(client.getOutputStream(), new DataInputStream(server.getInputStream()));
      passes(server.getOutputStream(), in);
    }
  }

  /** Writes until nothing is taken any more, looks at how much that is, and reads all of it. */
  private static void passes(OutputStream out, DataInputStream in) throws Exception {
    int total = 96 * 1024 * 1024;
    AtomicLong taken = new AtomicLong();
    Thread writer =
        new Thread(
            () -> {
              byte[] piece = new byte[64 * 1024];
              try {
                for (long at = 0; at < total; at += piece.length) {
                  for (int i = 0; i < piece.length; i++) {
                    piece[i] = octet(at + i);
                  }
                  out.write(piece);
                  taken.addAndGet(piece.length);
                }
              } catch (IOException e) {
                taken.set(-1);
              }
            });
    writer.start();
    AtomicLong before = new AtomicLong(-1);
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> before.getAndSet(taken.get()) == taken.get());
    assertThat(taken.get()).isBetween(1L, total / 2L); // the rest waits with whoever sends it
    byte[] some = new byte[64 * 1024];
    for (long at = 0; at < total; at += some.length) {
      in.readFully(some);
      for (int i = 0; i < some.length; i++) {
        if (some[i] != octet(at + i)) {
          throw new AssertionError("another octet at " + (at + i));
        }
      }
    }
    writer.join(SOON.toMillis());
    assertThat(taken.get()).isEqualTo(total);
  }

  private static byte octet(long at) {
    return (byte) (at ^ (at >>> 11) ^ (at >>> 19));
  }
}
