package io.sluice.core.wire;

import static io.sluice.core.wire.Http2Client.CONTINUATION;
import static io.sluice.core.wire.Http2Client.DATA;
import static io.sluice.core.wire.Http2Client.END_HEADERS;
import static io.sluice.core.wire.Http2Client.GOAWAY;
import static io.sluice.core.wire.Http2Client.HEADERS;
import static io.sluice.core.wire.Http2Client.PING;
import static io.sluice.core.wire.Http2Client.PRIORITY;
import static io.sluice.core.wire.Http2Client.RST_STREAM;
import static io.sluice.core.wire.Http2Client.SETTINGS;
import static io.sluice.core.wire.Http2Client.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send what HTTP/2 allows, far more of it than any honest one. */
class Http2AttackTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final int CALM = (int) Http2Error.ENHANCE_YOUR_CALM.code();
  private static final int FLOOD = 20_000;
  private static final int PADDED = 8;

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    start("");
  }

  private void start(String listener) {
    start(listener, "");
  }

  private void start(String listener, String route) {
    if (proxy != null) {
      proxy.close();
    }
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0", %s }
            upstreams.app.endpoints = ["%s"]
            routes = [ { upstream = app, %s } ]
            """
                .formatted(listener, endpoint.address(), route));
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  private Http2Client client(int... settings) {
    return Http2Client.open(proxy.port("web"), settings);
  }

  /** The error of the GOAWAY that ends the connection, and that others are still served. */
  private int end(Http2Client client) {
    int error = client.next(GOAWAY).error();
    try (Http2Client other = client()) {
      assertThat(other.get(1, "/").response(1).body()).isEqualTo("hello");
    }
    return error;
  }

  private static byte[] times(int count, byte[] frame) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  /** Sends for as long as the other side listens. */
  private static void flood(Http2Client client, byte[] frames) {
    try {
      client.send(frames);
    } catch (UncheckedIOException e) {
      // it was closed on us, which is what is looked at next
    }
  }

  @Test
  void rapidResetEndsTheConnection() {
    endpoint.script(peer -> peer.readToEnd());
    try (Http2Client client = client()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] reset = Http2Client.number(Http2Error.CANCEL.code(), 4);
      for (int stream = 1; stream < 4_000; stream += 2) {
        byte[] get = client.section(":method", "GET", ":scheme", "http", ":path", "/", "host", "a");
        all.writeBytes(Http2Client.bytes(HEADERS, END_HEADERS | 1, stream, get));
        all.writeBytes(Http2Client.bytes(RST_STREAM, 0, stream, reset));
      }
      flood(client, all.toByteArray());
      assertThat(client.next(GOAWAY).error()).isEqualTo(CALM);
    }
  }

  @Test
  void cancellingOneRequestOfTwoIsFine() {
    try (Http2Client client = client()) {
      for (int stream = 1; stream < 2_000; stream += 4) {
        client.get(stream, "/").reset(stream, (int) Http2Error.CANCEL.code());
        assertThat(client.get(stream + 2, "/").response(stream + 2).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void resetsThatTheServerIsMadeToSendCountAsWell() {
    endpoint.script(peer -> peer.readToEnd());
    try (Http2Client client = client()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int stream = 1; stream < 4_000; stream += 2) {
        byte[] get = client.section(":method", "GET", ":scheme", "http", ":path", "/", "host", "a");
        all.writeBytes(Http2Client.bytes(HEADERS, END_HEADERS | 1, stream, get));
        all.writeBytes(Http2Client.bytes(WINDOW_UPDATE, 0, stream, new byte[4]));
      }
      flood(client, all.toByteArray());
      assertThat(client.next(GOAWAY).error()).isEqualTo(CALM);
    }
  }

  @Test
  void continuationFloodEndsTheConnection() {
    try (Http2Client client = client()) {
      byte[] get = client.section(":method", "GET", ":scheme", "http", ":path", "/", "host", "a");
      client.frame(HEADERS, 0, 1, get);
      flood(client, times(FLOOD, Http2Client.bytes(CONTINUATION, 0, 1, client.section("a", "b"))));
      assertThat(end(client)).isEqualTo(CALM);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {PING, SETTINGS, PRIORITY, WINDOW_UPDATE, DATA, 0x42})
  void floodsEndTheConnection(int type) {
    try (Http2Client client = client()) {
      client.request(1, "POST", "/", false);
      byte[] payload =
          switch (type) {
            case PING -> new byte[8];
            case PRIORITY -> new byte[] {0, 0, 0, 3, 1};
            case WINDOW_UPDATE -> Http2Client.number(1, 4);
            default -> new byte[0];
          };
      int stream = type == PRIORITY || type == DATA ? 1 : 0;
      flood(client, times(FLOOD, Http2Client.bytes(type, 0, stream, payload)));
      assertThat(end(client)).isEqualTo(CALM);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {PING, SETTINGS, RST_STREAM})
  void framesThatAnswerNothingAndEndNothingEndTheConnection(int type) {
    try (Http2Client client = client()) {
      assertThat(client.get(1, "/").response(1).status()).isEqualTo(200);
      byte[] payload = new byte[type == PING ? 8 : type == SETTINGS ? 0 : 4];
      int stream = type == RST_STREAM ? 1 : 0; // which is closed
      flood(client, times(FLOOD, Http2Client.bytes(type, Http2Client.ACK, stream, payload)));
      assertThat(end(client)).isEqualTo(CALM);
    }
  }

  @Test
  void paddingWithoutContentAllowsNoPings() {
    try (Http2Client client = client()) {
      client.request(1, "POST", "/", false);
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.writeBytes(Http2Client.bytes(PING, 0, 0, new byte[8]));
      both.writeBytes(Http2Client.bytes(DATA, PADDED, 1, new byte[1]));
      flood(client, times(FLOOD, both.toByteArray()));
      assertThat(end(client)).isEqualTo(CALM);
    }
  }

  @Test
  void anHpackBombIsRefused() {
    try (Http2Client client = client()) {
      assertThat(
              client.request(1, "GET", "/", true, "x-bomb", "b".repeat(3_900)).response(1).status())
          .isEqualTo(200);
      byte[] start = client.section(":method", "GET", ":scheme", "http", ":path", "/", "host", "a");
      byte[] bomb = Arrays.copyOf(start, start.length + 10_000);
      Arrays.fill(bomb, start.length, bomb.length, (byte) 0xbf); // one octet, 3,900 each
      client.frame(HEADERS, END_HEADERS | 1, 3, bomb);
      assertThat(client.response(3).status()).isEqualTo(431);
      assertThat(endpoint.received()).containsOnlyOnce("GET ");
    }
  }

  @Test
  void aStalledWindowHoldsLittleAndNotForEver() {
    start("timeouts.idle = 1s");
    AtomicLong sent = new AtomicLong();
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
          String piece = "x".repeat(64 * 1024);
          while (!peer.ended()) {
            peer.send(piece);
            sent.addAndGet(piece.length());
          }
        });
    try (Http2Client client = client(4, 0).stallWindows()) {
      client.get(1, "/");
      assertThat(RawClient.settled(sent)).isLessThan(32 * 1024 * 1024);
    }
  }

  @Test
  void aResponseThatNobodyTakesIsResetInTheEnd() {
    start("timeouts.idle = 1s");
    try (Http2Client client = client(4, 0).stallWindows()) {
      Http2Client.Response response = client.get(1, "/").response(1);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.resetBy()).isEqualTo((int) Http2Error.CANCEL.code());
    }
  }

  private static final String ENDLESS = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";

  private void sendWithoutEnd(RawEndpoint.Peer peer) throws IOException {
    peer.readUntil("\r\n\r\n");
    peer.send(ENDLESS);
    String piece = "x".repeat(64 * 1024);
    while (!peer.ended()) {
      peer.send(piece);
    }
  }

  @Test
  void aResponseOfWhichNothingIsTakenIsResetAfterOneIdleTime() {
    start("timeouts.idle = 2s", "timeouts.idle = 2s");
    endpoint.script(this::sendWithoutEnd);
    try (Http2Client client = client(4, 0).stallWindows()) {
      long begun = System.nanoTime();
      assertThat(client.get(1, "/").response(1).resetBy()).isPositive();
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isBetween(Duration.ofMillis(1_900), Duration.ofMillis(3_800));
    }
  }

  @Test
  void aClientThatLeavesDoesNotKeepEndpointsBusyWithWhatItCannotTake() {
    endpoint.script(this::sendWithoutEnd);
    try (Http2Client client = client(4, 0).stallWindows()) {
      for (int stream = 1; stream < 40; stream += 2) {
        client.get(stream, "/");
      }
      for (int heads = 0; heads < 20; heads++) {
        client.next(HEADERS);
      }
      client.halfClose();
      for (int resets = 0; resets < 20; resets++) {
        assertThat(client.next(RST_STREAM).error()).isEqualTo((int) Http2Error.CANCEL.code());
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> endpoint.peers().stream().allMatch(RawEndpoint.Peer::ended));
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefused() {
    start("limits.max-streams = 2");
    endpoint.script(peer -> peer.readToEnd());
    try (Http2Client client = client()) {
      client.get(1, "/").get(3, "/").get(5, "/");
      Http2Client.Frame reset = client.next(RST_STREAM);
      assertThat(reset.stream()).isEqualTo(5);
      assertThat(reset.error()).isEqualTo((int) Http2Error.REFUSED_STREAM.code());
    }
  }

  @Test
  void whatWouldReadAsSomethingElseInHttp11IsReset() {
    List<List<String>> attacks =
        List.of(
            List.of("x", "a\r\nGET /evil HTTP/1.1"),
            List.of("x", "a\nevil: 1"),
            List.of("x", "a\0b"),
            List.of("x\r\nevil", "1"),
            List.of("x: evil", "1"),
            List.of("host", "evil"),
            List.of("connection", "close"),
            List.of("transfer-encoding", "chunked"),
            List.of("upgrade", "websocket"),
            List.of("te", "gzip"),
            List.of("X-Upper", "1"),
            List.of("content-length", "5"));
    try (Http2Client client = client()) {
      int stream = 1;
      for (List<String> attack : attacks) {
        List<String> more = new ArrayList<>(attack);
        client.request(stream, "GET", "/", true, more.toArray(String[]::new));
        assertThat(client.response(stream).resetBy())
            .as("%s", attack)
            .isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
        stream += 2;
      }
      assertThat(client.get(stream, "/").response(stream).body()).isEqualTo("hello");
      assertThat(endpoint.received()).containsOnlyOnce("GET ").doesNotContain("evil");
    }
  }

  @Test
  void contentThatIsNotAsLongAsDeclaredNeverEndsWell() {
    try (Http2Client client = client()) {
      client.request(1, "POST", "/", false, "content-length", "9").data(1, true, "12345");
      assertThat(client.response(1).resetBy()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
      client.request(3, "POST", "/", false, "content-length", "3").data(3, true, "12345");
      assertThat(client.response(3).resetBy()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> endpoint.peers().stream().allMatch(RawEndpoint.Peer::ended));
    }
  }
}
