package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.wire.RawClient.Ending;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PROXY protocol headers, believed and not, and those sent to endpoints. */
class ProxyProtocolTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String LINE = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 8443\r\n";
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String SIGNATURE = "\r\n\r\n\u0000\r\nQUIT\n";
  private static final String BINARY =
      SIGNATURE
          + "!\u0011\u0000\u000c\u00cb\u0000q\u0007\u00c0\u0000\u0002\u0001\u00dc\u0004 \u00fb";

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  private Proxy http(String keys) {
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0", %s }
            upstreams.app.endpoints = ["%s"]
            routes = [ { upstream = app } ]
            """
                .formatted(keys, endpoint.address()));
    return proxy;
  }

  private Proxy tcp(String keys, String upstreamKeys) {
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0", protocol = tcp, upstream = app, %s }
            upstreams.app { protocol = tcp, endpoints = ["%s"], %s }
            """
                .formatted(keys, endpoint.address(), upstreamKeys));
    return proxy;
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  @Test
  void theAddressOfABelievedHeaderIsTheClients() {
    http("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]");
    for (String header : new String[] {LINE, BINARY}) {
      int before = endpoint.received().length();
      try (RawClient client = proxy.connect()) {
        assertThat(client.send(header + REQUEST).read().body()).isEqualTo("ok");
        assertThat(client.send(REQUEST).read().body()).isEqualTo("ok");
      }
      assertThat(endpoint.received().substring(before))
          .contains("X-Forwarded-For: 203.0.113.7\r\n")
          .contains("X-Forwarded-Port: 8443\r\n")
          .doesNotContain("127.0.0.1\r\nX-Forwarded");
    }
  }

  @Test
  void forwardingLinesOfAnUntrustedClientAreNotBelievedBehindATrustedBalancer() {
    http("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]");
    try (RawClient client = proxy.connect()) {
      client.send(LINE + "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.1.1.1\r\n\r\n").read();
    }
    assertThat(endpoint.received())
        .contains("X-Forwarded-For: 203.0.113.7\r\n")
        .doesNotContain("10.1.1.1");
  }

  @Test
  void aHeaderMayComeInAnyPieces() {
    http("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]");
    for (String header : new String[] {LINE, BINARY}) {
      for (int split = 1; split < header.length(); split += 5) {
        try (RawClient client = proxy.connect()) {
          client.send(header.substring(0, split));
          client.send(header.substring(split) + REQUEST);
          assertThat(client.read().status()).isEqualTo(200);
        }
      }
    }
  }

  @Test
  void aLocalConnectionKeepsItsOwnAddress() {
    http("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]");
    for (String header : new String[] {SIGNATURE + " \u0000\u0000\u0000", "PROXY UNKNOWN\r\n"}) {
      int before = endpoint.received().length();
      try (RawClient client = proxy.connect()) {
        assertThat(client.send(header + REQUEST).read().status()).isEqualTo(200);
      }
      assertThat(endpoint.received().substring(before)).contains("X-Forwarded-For: 127.0.0.1\r\n");
    }
  }

  @Test
  void whereAHeaderIsRequiredNothingElseIsServed() {
    http("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"], timeouts.header = 300ms");
    for (String other : new String[] {REQUEST, "PROXY TCP4 1.2.3.4\r\n" + REQUEST, "PROXY TCP"}) {
      try (RawClient client = proxy.connect()) {
        assertThat(client.send(other).ending().text()).isEmpty();
      }
    }
    try (RawClient silent = proxy.connect()) {
      assertThat(silent.ending()).isEqualTo(new Ending("", false));
    }
    assertThat(endpoint.received()).isEmpty();
  }

  @Test
  void anUntrustedPeerIsClosedWhereAHeaderIsRequired() {
    http("proxy-protocol = required, trusted-proxies = [\"192.0.2.0/24\"]");
    try (RawClient client = proxy.connect()) {
      assertThat(client.ending().text()).isEmpty();
    }
    assertThat(endpoint.received()).isEmpty();
  }

  @Test
  void anUntrustedPeersHeaderIsNoHeader() {
    http("proxy-protocol = optional, trusted-proxies = [\"192.0.2.0/24\"]");
    for (String header : new String[] {LINE, BINARY}) {
      try (RawClient client = proxy.connect()) {
        assertThat(client.send(header + REQUEST).read().status()).isEqualTo(400);
      }
    }
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(REQUEST).read().status()).isEqualTo(200);
    }
    assertThat(endpoint.received()).contains("X-Forwarded-For: 127.0.0.1\r\n");
  }

  @Test
  void aHeaderIsNoHeaderWhereItIsOff() {
    http("proxy-protocol = off");
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(LINE + REQUEST).read().status()).isEqualTo(400);
    }
  }

  @Test
  void whereItIsOptionalATrustedPeerMaySendNone() {
    http("proxy-protocol = optional, trusted-proxies = [\"127.0.0.0/8\"]");
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(REQUEST).read().status()).isEqualTo(200);
    }
    try (RawClient client = proxy.connect()) {
      assertThat(
              client
                  .send("P")
                  .send("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                  .read()
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void isReadBeforeOctetsThatPassUnreadAndIsNotPassedOn() throws IOException {
    tcp("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]", "");
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(LINE + REQUEST).read().status()).isEqualTo(200);
    }
    assertThat(endpoint.received()).isEqualTo(REQUEST);
  }

  @Test
  void aConnectionThatWaitsForTheEndpointToSpeakIsServedInTheEnd() throws IOException {
    endpoint.script(
        peer -> {
          peer.send("hello\n");
          peer.readToEnd();
        });
    tcp(
        "proxy-protocol = optional, trusted-proxies = [\"127.0.0.0/8\"], timeouts.header = 300ms",
        "");
    try (RawClient client = proxy.connect()) {
      assertThat(client.until("\n")).isEqualTo("hello\n");
    }
  }

  @Test
  void endpointsAreToldWhoConnected() throws IOException {
    tcp("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]", "proxy-protocol = v1");
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(BINARY + REQUEST).read().status()).isEqualTo(200);
    }
    assertThat(endpoint.received()).isEqualTo(LINE.replace("8443", "8443") + REQUEST);
    stop2();
    tcp("proxy-protocol = required, trusted-proxies = [\"127.0.0.0/8\"]", "proxy-protocol = v2");
    try (RawClient client = proxy.connect()) {
      client.send(LINE + REQUEST);
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(endpoint.received()).isEqualTo(BINARY + REQUEST);
  }

  private void stop2() {
    proxy.close();
    endpoint.forget();
    endpoint.script(
        peer -> {
          peer.read(28);
          while (peer.readRequest()) {
            peer.send(OK);
          }
        });
  }

  @Test
  void endpointsAreToldOfDirectConnectionsToo() {
    tcp("", "proxy-protocol = v1");
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(REQUEST).read().status()).isEqualTo(200);
    }
    assertThat(endpoint.received())
        .matches("(?s)PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 [0-9]+ [0-9]+\r\nGET .*");
  }
}
