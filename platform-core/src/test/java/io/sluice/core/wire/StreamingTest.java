package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Response;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content larger than every buffer on the way, in both directions at once, and cut short. */
class StreamingTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final int LARGE = 6 * 1024 * 1024;

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy = Proxy.before(endpoint);
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  private static String large() {
    StringBuilder text = new StringBuilder(LARGE + 16);
    for (int i = 0; text.length() < LARGE; i++) {
      text.append(Integer.toHexString(i * 0x9e3779b1)).append(' ');
    }
    return text.substring(0, LARGE);
  }

  private static String chunks(String content) {
    StringBuilder chunks = new StringBuilder();
    for (int at = 0, size = 1; at < content.length(); at += size, size = size * 3 % 70_001 + 1) {
      String chunk = content.substring(at, Math.min(content.length(), at + size));
      chunks.append(Integer.toHexString(chunk.length())).append("\r\n").append(chunk);
      chunks.append("\r\n");
      if (chunk.length() < size) {
        break;
      }
    }
    return chunks.append("0\r\n\r\n").toString();
  }

  /** What the chunks hold. */
  private static String content(String chunks) {
    StringBuilder content = new StringBuilder();
    int at = 0;
    while (true) {
      int line = chunks.indexOf("\r\n", at);
      int size = Integer.parseInt(chunks.substring(at, line), 16);
      if (size == 0) {
        return content.toString();
      }
      content.append(chunks, line + 2, line + 2 + size);
      at = line + 2 + size + 2;
    }
  }

  @Test
  void downloads() {
    String content = large();
    endpoint.script(
        peer -> {
          for (int i = 0; peer.readRequest(); i++) {
            peer.send(
                i == 0
                    ? "HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n" + content
                    : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(content));
          }
        });
    try (RawClient client = proxy.connect()) {
      String get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      client.send(get + get);
      assertThat(client.read().body().equals(content)).isTrue();
      assertThat(content(client.read().body()).equals(content)).isTrue();
      client.send(get.replace("1.1", "1.0"));
      assertThat(client.ending().text().endsWith("\r\n\r\n" + content)).isTrue();
    }
    assertThat(endpoint.peers()).hasSize(1);
  }

  @Test
  void uploads() {
    String content = large();
    try (RawClient client = proxy.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n" + content);
      assertThat(client.read().body()).isEqualTo("ok");
      int before = endpoint.received().length();
      assertThat(endpoint.received().endsWith("\r\n\r\n" + content)).isTrue();
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(content));
      assertThat(client.read().body()).isEqualTo("ok");
      String second = endpoint.received().substring(before);
      assertThat(content(second.substring(second.indexOf("\r\n\r\n") + 4)).equals(content))
          .isTrue();
    }
  }

  @Test
  void bothWaysAtOnce() {
    String content = large();
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
          for (int at = 0; at < LARGE; at += 65_536) {
            int end = Math.min(LARGE, at + 65_536);
            peer.read(end - at);
            peer.send(content.substring(at, end));
          }
        });
    try (RawClient client = proxy.connect()) {
      CompletableFuture<RawClient> sending =
          CompletableFuture.supplyAsync(
              () ->
                  client.send(
                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
                          + LARGE
                          + "\r\n\r\n"
                          + content));
      Response response = client.read();
      assertThat(response.body().equals(content)).isTrue();
      assertThat(sending.join()).isSameAs(client);
    }
    assertThat(endpoint.received().endsWith("\r\n\r\n" + content)).isTrue();
  }

  @Test
  void aResponseBeginsWhileTheRequestIsUnderWay() throws IOException {
    endpoint.script(
        peer -> {
          peer.readUntil("one\r\n");
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nuno\r\n");
          peer.readUntil("two\r\n0\r\n\r\n");
          peer.send("3\r\ndue\r\n0\r\n\r\n");
          peer.readToEnd();
        });
    try (RawClient client = proxy.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
      client.until("uno\r\n");
      client.send("3\r\ntwo\r\n0\r\n\r\n");
      assertThat(client.until("0\r\n\r\n")).isEqualTo("3\r\ndue\r\n0\r\n\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 9\r\n\r\npart",
        "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        "Transfer-Encoding: chunked\r\n\r\n9\r\npart",
      })
  void contentThatEndsEarlyIsNeverMadeWhole(String rest) {
    try (RawClient client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: a\r\n" + rest).halfClose();
      Response response = client.read();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(client.ending()).isEqualTo(new RawClient.Ending("", false));
    }
    await().until(endpoint::allEnded);
    assertThat(endpoint.received()).doesNotContain("0\r\n\r\n");
    endpoint.forget();
    RawClient leaving = proxy.connect().send("PUT / HTTP/1.1\r\nHost: a\r\n" + rest);
    await().until(() -> endpoint.received().contains("part"));
    leaving.reset();
    await().until(endpoint::allEnded);
    assertThat(endpoint.received()).doesNotContain("0\r\n\r\n");
  }

  @Test
  void aClientThatLeavesWithinTheResponseEndsTheAttempt() throws IOException {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
          peer.readToEnd();
        });
    RawClient client = proxy.connect().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.until("part");
    client.reset();
    await().until(() -> endpoint.peers().get(0).ended());
  }

  @Test
  void anEndpointThatClosesWhileIdleIsAskedOverANewConnection() {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send(OK);
        });
    try (RawClient client = proxy.connect()) {
      for (int i = 1; i <= 3; i++) {
        assertThat(client.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n").read().body()).isEqualTo("ok");
        await().until(() -> endpoint.peers().stream().allMatch(RawEndpoint.Peer::ended));
      }
    }
    assertThat(endpoint.peers()).hasSize(3);
  }

  @Test
  void aTruncatedLengthOverAnEndpointsCleanCloseBreaksTheClientToo() {
    endpoint.script(
        peer -> {
          peer.readRequest();
          peer.send(
              "HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n" + "x".repeat(500_000));
        });
    try (RawClient client = proxy.connect()) {
      RawClient.Ending ending = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").ending();
      assertThat(ending.reset()).isTrue();
    }
  }
}
