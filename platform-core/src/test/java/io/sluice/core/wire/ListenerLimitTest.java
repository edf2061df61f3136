package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections beyond what a listener takes at once. */
class ListenerLimitTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"", "protocol = tcp, upstream = app"})
  void areServedWhenOneEndsAndNotBefore(String protocol) throws IOException {
    try (RawEndpoint endpoint = RawEndpoint.answering(OK);
        Proxy proxy =
            Proxy.start(
                """
                listeners.web { bind = "127.0.0.1:0", limits.max-connections = 2, %s }
                upstreams.app { endpoints = ["%s"], %s }
                routes = [ { respond { status = 200, body = "ok" } } ]
                """
                    .formatted(
                        protocol, endpoint.address(), protocol.isEmpty() ? "" : "protocol = tcp"));
        RawClient first = proxy.connect();
        RawClient second = proxy.connect()) {
      assertThat(first.send(REQUEST).read().status()).isEqualTo(200);
      assertThat(second.send(REQUEST).read().status()).isEqualTo(200);
      try (RawClient third = proxy.connect()) {
        third.send(REQUEST);
        await()
            .during(Duration.ofMillis(300))
            .atMost(Duration.ofSeconds(20))
            .until(() -> !third.hasInput());
        assertThat(second.send(REQUEST).read().status()).isEqualTo(200);
        first.leave();
        assertThat(third.read().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aHeaderThatDoesNotComeCountsAsAConnection() throws IOException {
    try (Proxy proxy =
            Proxy.start(
                """
                listeners.web {
                  bind = "127.0.0.1:0", limits.max-connections = 1
                  proxy-protocol = required, trusted-proxies = ["127.0.0.0/8"], timeouts.header = 1s
                }
                routes = [ { respond { status = 200, body = "ok" } } ]
                """);
        RawClient silent = proxy.connect()) {
      try (RawClient second = proxy.connect()) {
        second.send("PROXY UNKNOWN\r\n" + REQUEST);
        assertThat(silent.ending().text()).isEmpty();
        assertThat(second.read().status()).isEqualTo(200);
      }
    }
  }
}
