package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a tunnel that outlasts the shutdown's patience. */
class ShutdownTest {

  private static final String ASK =
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Key: x\r\n\r\n";
  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

  private final RawEndpoint endpoint = RawEndpoint.answering("");
  private final Proxy proxy = Proxy.before(endpoint);

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  private RawClient tunnel(String first) throws IOException {
    endpoint.script(
        peer -> {
          peer.readUntil("\r\n\r\n");
          peer.send(SWITCH + first);
          peer.readToEnd();
        });
    RawClient client = proxy.connect();
    client.send(ASK);
    client.until("\r\n\r\n");
    assertThat(client.until(first)).isEqualTo(first);
    return client;
  }

  @Test
  void betweenTwoFramesTheClientGetsACloseFrameAndACleanEnd() throws IOException {
    try (RawClient client = tunnel("\u0081\u0002hi")) {
      proxy.close();
      assertThat(client.ending())
          .isEqualTo(new RawClient.Ending("\u0088\u0002\u0003\u00e9", false));
    }
  }

  @Test
  void withinAFrameTheClientGetsAReset() throws IOException {
    try (RawClient client = tunnel("\u0081\u0005hel")) {
      proxy.close();
      assertThat(client.ending()).isEqualTo(new RawClient.Ending("", true));
    }
  }
}
