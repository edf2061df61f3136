package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.tunnel.Hellos;
import io.sluice.core.wire.RawClient.Ending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TLS that is sent on by the server name that the client asks for, and not ended here. */
class PassthroughTest {

  private static final String UNRECOGNIZED = "\u0015\u0003\u0001\u0000\u0002\u0002p";
  private static final String DECODE_ERROR = "\u0015\u0003\u0001\u0000\u0002\u00022";

  private final RawEndpoint first = new RawEndpoint(peer -> saysItsName(peer, "first"));
  private final RawEndpoint second = new RawEndpoint(peer -> saysItsName(peer, "second"));
  private Proxy proxy;

  private static void saysItsName(RawEndpoint.Peer peer, String name) throws IOException {
    peer.send(name + "\n");
    peer.readToEnd();
  }

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.tls {
              bind = "127.0.0.1:0", protocol = tls-passthrough
              sni = [ { host = "A.example.com", upstream = a }, { host = "*.b.example.com", upstream = b } ]
            }
            listeners.hasty {
              bind = "127.0.0.1:0", protocol = tls-passthrough, timeouts.handshake = 500ms
              sni = [ { host = "*", upstream = a } ]
            }
            listeners.all {
              bind = "127.0.0.1:0", protocol = tls-passthrough
              sni = [ { host = "a.example.com", upstream = a }, { host = "*", upstream = b } ]
            }
            upstreams.a { protocol = tcp, endpoints = ["%s"] }
            upstreams.b { protocol = tcp, endpoints = ["%s"] }
            """
                .formatted(first.address(), second.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    first.close();
    second.close();
  }

  private String answerTo(String listener, byte[] octets) throws IOException {
    try (RawClient client = proxy.connect(listener)) {
      return client.send(octets).until("\n");
    }
  }

  @Test
  void goesWhereTheNameSays() throws IOException {
    assertThat(answerTo("tls", Hellos.named("a.EXAMPLE.com"))).isEqualTo("first\n");
    assertThat(answerTo("tls", Hellos.named("x.y.b.example.com"))).isEqualTo("second\n");
    assertThat(answerTo("all", Hellos.named("other.example"))).isEqualTo("second\n");
    assertThat(answerTo("all", Hellos.inRecords(Hellos.message(null), 100))).isEqualTo("second\n");
  }

  @Test
  void theEndpointGetsEveryOctetAsItWasSent() throws IOException {
    byte[] octets = Hellos.inRecords(Hellos.message("a.example.com"), 7);
    try (RawClient client = proxy.connect("tls")) {
      for (int i = 0; i < octets.length; i += 3) {
        client.send(java.util.Arrays.copyOfRange(octets, i, Math.min(octets.length, i + 3)));
      }
      assertThat(client.until("\n")).isEqualTo("first\n");
      client.send("more").halfClose();
      client.ending();
    }
    assertThat(first.received())
        .isEqualTo(new String(octets, StandardCharsets.ISO_8859_1) + "more");
  }

  @Test
  void aNameOrNoneThatNothingTakesIsToldSo() {
    for (byte[] octets :
        new byte[][] {
          Hellos.named("b.example.com"), Hellos.inRecords(Hellos.message(null), 1 << 14)
        }) {
      try (RawClient client = proxy.connect("tls")) {
        assertThat(client.send(octets).ending()).isEqualTo(new Ending(UNRECOGNIZED, false));
      }
    }
  }

  @Test
  void whatIsNoTlsGoesNowhere() {
    try (RawClient client = proxy.connect("all")) {
      assertThat(client.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n").ending().text())
          .isEqualTo(DECODE_ERROR);
    }
    assertThat(first.received() + second.received()).isEmpty();
  }

  @Test
  void aClientThatDoesNotGoOnIsClosed() {
    try (RawClient client = proxy.connect("hasty")) {
      assertThat(client.send("\u0016\u0003\u0001").ending().text()).isEmpty();
    }
    try (RawClient client = proxy.connect("tls")) {
      assertThat(client.send("\u0016\u0003").halfClose().ending().text()).isEmpty();
    }
  }
}
