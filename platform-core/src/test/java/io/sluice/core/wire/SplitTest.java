package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** It makes no difference where octets are cut: every message is cut at every index. */
class SplitTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String PING = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final RawEndpoint endpoint = new RawEndpoint(this::keepAndAnswer);
  private Proxy proxy;

  private void keepAndAnswer(RawEndpoint.Peer peer) throws java.io.IOException {
    while (true) {
      int before = peer.received().length();
      if (!peer.readRequest()) {
        return;
      }
      requests.add(peer.received().substring(before));
      peer.send(OK);
    }
  }

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.web.bind = "127.0.0.1:0"
            upstreams.app { endpoints = ["%s"], retry = off }
            routes = [
              { match.path = "/ping", respond { status = 200, body = "pong" } }
              { upstream = app }
            ]
            """
                .formatted(endpoint.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  /** Returns when the one event loop has read all that was sent before. */
  private void letTheProxyRead() {
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.send(PING).read().body()).isEqualTo("pong");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a/../b?c=d HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nConnection: x-two\r\nX-Two: 2\r\n\r\n",
        "\r\nGET http://b/x HTTP/1.1\r\nhost:a\r\nTE: trailers\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello\r\nworld",
      })
  void requestsCutAtEveryIndex(String request) {
    String expected = whole(request);
    List<RawClient> clients = new ArrayList<>();
    for (int cut = 1; cut < request.length(); cut++) {
      clients.add(proxy.connect().send(request.substring(0, cut)));
    }
    letTheProxyRead();
    for (int cut = 1; cut < request.length(); cut++) {
      clients.get(cut - 1).send(request.substring(cut));
    }
    for (RawClient client : clients) {
      assertThat(client.read().body()).isEqualTo("ok");
      client.close();
    }
    assertThat(requests).hasSize(clients.size()).containsOnly(expected);
  }

  @Test
  void chunksCutAtEveryIndex() {
    String request =
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;a=\"b\"\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 9\r\n\r\n";
    String head = whole(request).replaceFirst("(?s)\r\n\r\n.*", "\r\n\r\n");
    List<RawClient> clients = new ArrayList<>();
    for (int cut = 1; cut < request.length(); cut++) {
      clients.add(proxy.connect().send(request.substring(0, cut)));
    }
    letTheProxyRead();
    for (int cut = 1; cut < request.length(); cut++) {
      clients.get(cut - 1).send(request.substring(cut));
    }
    for (RawClient client : clients) {
      assertThat(client.read().body()).isEqualTo("ok");
      client.close();
    }
    assertThat(requests)
        .hasSize(clients.size())
        .allSatisfy(
            got -> {
              assertThat(got).startsWith(head).endsWith("0\r\nX-Sum: 9\r\n\r\n");
              assertThat(content(got.substring(head.length()))).isEqualTo("hello!");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\n\r\n",
        "GET /%2e%2e/ HTTP/1.1\r\nHost: a\r\n\r\n",
      })
  void refusalsCutAtEveryIndex(String request) {
    List<RawClient> clients = new ArrayList<>();
    for (int cut = 1; cut < request.length(); cut++) {
      clients.add(proxy.connect().send(request.substring(0, cut)));
    }
    letTheProxyRead();
    for (int cut = 1; cut < request.length(); cut++) {
      RawClient client = clients.get(cut - 1);
      client.send(request.substring(cut));
      Response response = client.read();
      assertThat(response.status()).as("cut at %d", cut).isEqualTo(400);
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(client.ending().text()).isEmpty();
      client.close();
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void aRequestComesOctetByOctet() {
    String request = "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    String expected = whole(request);
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < request.length(); i++) {
        client.send(request.substring(i, i + 1));
        letTheProxyRead();
      }
      assertThat(client.read().body()).isEqualTo("ok");
    }
    assertThat(requests).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nX-H: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",
      })
  void responsesCutAtEveryIndex(String response) {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    endpoint.script(
        peer -> {
          String head = peer.readUntil("\r\n\r\n");
          if (head == null) {
            return;
          }
          int cut = Integer.parseInt(head.substring(5, head.indexOf(' ', 5)));
          peer.send(response.substring(0, cut));
          begun.incrementAndGet();
          await().until(() -> gate.getCount() == 0);
          peer.send(response.substring(cut));
          peer.readToEnd();
        });
    List<RawClient> clients = new ArrayList<>();
    for (int cut = 1; cut < response.length(); cut++) {
      clients.add(proxy.connect().send("GET /" + cut + " HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    await().until(() -> begun.get() == clients.size());
    letTheProxyRead();
    gate.countDown();
    for (int i = 0; i < clients.size(); i++) {
      RawClient client = clients.get(i);
      Response got = client.read();
      if (response.startsWith("HTTP/1.1 103")) {
        assertThat(got.header("X-H")).isEqualTo("1");
        got = client.read();
      }
      assertThat(response).as("cut at %d", i + 1).contains("HTTP/1.1 " + got.status());
      boolean chunked = got.header("Transfer-Encoding") != null;
      assertThat(chunked ? content(got.body()) : got.body())
          .as("cut at %d", i + 1)
          .isEqualTo(response.contains("hello") ? "hello" : "");
      if (chunked) {
        assertThat(got.body()).endsWith("\r\n0\r\nX-T: 1\r\n\r\n");
      }
      client.close();
    }
  }

  /** What the endpoint gets when nothing is cut. */
  private String whole(String request) {
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(request).read().body()).isEqualTo("ok");
    }
    String got = requests.get(0);
    requests.clear();
    return got;
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
}
