package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which version an endpoint is spoken to in, by TLS and by setting, and WebSockets in either. */
class Http2OrHttp1Test extends Http2UpstreamFixture {

  // ---- TLS ----

  @ParameterizedTest
  @ValueSource(strings = {"http2", "auto"})
  void tlsAgreesOnHttp2(String protocol) throws Exception {
    start(
        Http2Peer.secure(
            call -> call.answer(200, "" + call.head.scheme()), Http2Peer.tls("h2", "http/1.1")),
        "protocol = " + protocol + ", tls { verify = off }");
    List<Caller> asking = asking(5);
    for (Caller caller : asking) {
      assertThat(caller.receive(false).body()).isEqualTo("https");
    }
    assertThat(peer.connections).hasSize(1);
  }

  @Test
  void withoutAgreementHttp2Fails() throws Exception {
    start(
        Http2Peer.secure(call -> call.answer(200, ""), Http2Peer.tls()),
        "retry = off, tls.verify = off");
    Caller.Response refused = caller().get("/");
    assertThat(refused.status()).isEqualTo(502);
    assertThat(refused.headers().get("proxy-status")).contains("tls_protocol_error");
    await().until(() -> app().connections() == 0);
  }

  @Test
  void autoSpeaksWhatEachConnectionAgreesOn() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("http/1.1"));
    peer.http1Together = 3; // none waits for another's connection
    start("protocol = auto, tls.verify = off, retry = off, timeouts.idle = 2s", peer.address());
    List<Caller> asking = asking(3);
    for (Caller each : asking) {
      assertThat(each.receive(false).body()).isEqualTo("HTTP/1.1");
    }
    assertThat(peer.http1Connections).hasValue(3);
    peer.http1Together = 1;
    peer.tls = Http2Peer.tls("h2", "http/1.1");
    await().until(() -> app().connections() == 0);
    for (Caller each : asking(1)) {
      assertThat(each.receive(false).body()).isEqualTo("HTTP/2");
    }
    for (Caller each : asking(5)) {
      assertThat(each.receive(false).body()).isEqualTo("HTTP/2");
    }
    assertThat(peer.connections).hasSize(1);
    peer.tls = Http2Peer.tls();
    await().until(() -> app().connections() == 0);
    assertThat(caller().get("/").body()).isEqualTo("HTTP/1.1");
    assertThat(app().inFlight()).isZero();
  }

  // ---- tunnels ----

  @Test
  void aWebSocketPassesAsExtendedConnect() throws Exception {
    start(
        Http2Peer.eager(
            call -> call.head(200, false), new Http2Settings().connectProtocolEnabled(true)),
        "");
    Caller caller = webSocket();
    assertThat(head(caller))
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    Http2Peer.Call call = peer.calls.get(0);
    assertThat(call.head.method()).asString().isEqualTo("CONNECT");
    assertThat(call.head.get(":protocol")).asString().isEqualTo("websocket");
    caller.send("to the endpoint");
    await().until(() -> call.body().equals("to the endpoint"));
    call.data("and back", false);
    assertThat(new String(caller.in.readNBytes(8), StandardCharsets.US_ASCII))
        .isEqualTo("and back");
    caller.socket.shutdownOutput();
    await().until(() -> call.ended);
    call.data("", true);
    assertThat(caller.in.read()).isEqualTo(-1);
    await().until(() -> app().inFlight() == 0);
    assertThat(app().connections()).isEqualTo(1);
  }

  @Test
  void anEndpointThatAllowsNoExtendedConnectGetsNone() throws Exception {
    start(Http2Peer.saying("never"), "retry = off");
    assertThat(webSocket().receive(false).status()).isEqualTo(502);
    assertThat(peer.calls).isEmpty();
    assertThat(app().inFlight()).isZero();
  }

  @Test
  void autoGoesBackToHttp1ForAWebSocketThatHttp2DoesNotAllow() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("h2", "http/1.1"));
    start("protocol = auto, tls.verify = off, retry = off", peer.address());
    for (int i = 1; i <= 2; i++) {
      Caller tunnel = webSocket(); // the first finds out, the second knows
      assertThat(head(tunnel)).startsWith("HTTP/1.1 101 ");
      tunnel.send("echo me");
      assertThat(new String(tunnel.in.readNBytes(7), StandardCharsets.US_ASCII))
          .isEqualTo("echo me");
      assertThat(peer.http1Connections).hasValue(i);
      assertThat(caller().get("/").body()).isEqualTo("HTTP/2");
    }
    assertThat(peer.connections).hasSize(1);
    assertThat(app().connections()).isEqualTo(3);
  }

  @Test
  void autoUsesHttp2ForAWebSocketThatItAllows() throws Exception {
    peer =
        Http2Peer.secure(
            call -> call.head(200, false),
            new Http2Settings().connectProtocolEnabled(true),
            Http2Peer.tls("h2", "http/1.1"));
    start("protocol = auto, tls.verify = off, retry = off", peer.address());
    assertThat(head(webSocket())).startsWith("HTTP/1.1 101 ");
    assertThat(head(webSocket())).startsWith("HTTP/1.1 101 ");
    assertThat(peer.connections).hasSize(1);
    assertThat(peer.http1Connections).hasValue(0);
  }

  @Test
  void autoMakesRoomForTheOtherKindOfConnectionAtTheBound() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("h2", "http/1.1"));
    start(
        "protocol = auto, tls.verify = off, retry = off, limits.max-connections = 1",
        peer.address());
    assertThat(head(webSocket())).startsWith("HTTP/1.1 101 ");
    assertThat(app().connections()).isEqualTo(1);
    assertThat(peer.connections).hasSize(1);
    await().until(() -> peer.open() == 0); // given up for the one that can
  }

  @Test
  void whoLeavesWhileTheOtherKindOfConnectionIsMadeLeavesNothing() throws Exception {
    peer = Http2Peer.secure(call -> call.answer(200, "HTTP/2"), Http2Peer.tls("h2", "http/1.1"));
    start("protocol = auto, tls.verify = off, retry = off", peer.address());
    assertThat(caller().get("/").body()).isEqualTo("HTTP/2");
    for (int i = 0; i < 20; i++) {
      Caller leaving = webSocket();
      leaving.socket.setSoLinger(true, 0);
      leaving.close();
    }
    await().until(() -> app().inFlight() == 0 && app().connections() == 1);
    assertThat(caller().get("/").body()).isEqualTo("HTTP/2");
  }

  private static String head(Caller caller) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int octet = caller.in.read();
      if (octet < 0) {
        throw new IOException("closed behind " + head);
      }
      head.append((char) octet);
    }
    return head.toString();
  }

  private Caller webSocket() throws IOException {
    Caller caller = caller();
    caller.send(
        Caller.request(
            "GET",
            "/ws",
            "",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    return caller;
  }
}
