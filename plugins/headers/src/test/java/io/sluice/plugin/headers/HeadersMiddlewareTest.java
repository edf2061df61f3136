package io.sluice.plugin.headers;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Middleware;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.PluginTester;
import org.junit.jupiter.api.Test;

class HeadersMiddlewareTest {

  @Test
  void editsTheRequest() {
    FakeExchange exchange =
        send(
            "request { remove = [x-debug], set { X-Client = \"{client-ip}\" }, add { X-Tag = b } }",
            "GET / HTTP/1.1\nHost: a.example\nX-Debug: 1\nX-Client: forged\nX-Tag: a");

    assertThat(exchange.request().headers().contains(HeaderName.of("X-Debug"))).isFalse();
    assertThat(exchange.request().headers().all(HeaderName.of("X-Client")))
        .containsExactly("203.0.113.7");
    assertThat(exchange.request().headers().all(HeaderName.of("X-Tag"))).containsExactly("a", "b");
  }

  @Test
  void editsTheResponse() {
    FakeExchange exchange =
        send("response { remove = [Server], set { X-Frame-Options = DENY } }", "GET / HTTP/1.1");

    exchange.answer("200\nServer: secret/1.0\nX-Frame-Options: ALLOW", "hello");

    assertThat(exchange.response().headers().get("Server")).isNull();
    assertThat(exchange.response().headers().all(HeaderName.of("X-Frame-Options")))
        .containsExactly("DENY");
  }

  @Test
  void editsResponsesOfTheProxyToo() {
    FakeExchange exchange = send("response.set { X-Frame-Options = DENY }", "GET / HTTP/1.1");

    exchange.fail(ErrorKind.NO_ENDPOINT);

    assertThat(exchange.response().headers().get("X-Frame-Options")).isEqualTo("DENY");
  }

  @Test
  void removesBeforeItAdds() {
    FakeExchange exchange =
        send("request { remove = [X-Tag], add { X-Tag = b } }", "GET / HTTP/1.1\nX-Tag: a");

    assertThat(exchange.request().headers().all(HeaderName.of("X-Tag"))).containsExactly("b");
  }

  @Test
  void sendsNoLineForAValueThatIsAbsent() {
    FakeExchange exchange =
        send(
            "request { set { X-Group = \"{group}\" }, add { X-Other = \"{group}\" } }",
            "GET / HTTP/1.1\nX-Group: forged");

    assertThat(exchange.request().headers().size()).isZero();
  }

  private static FakeExchange send(String hocon, String head) {
    Middleware headers = PluginTester.of(new HeadersFactory()).create(hocon).instance();
    return ExchangeHarness.through(headers).send(head);
  }
}
