package io.sluice.plugin.cors;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Middleware;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.FakeExchange.State;
import io.sluice.plugin.testkit.PluginTester;
import org.junit.jupiter.api.Test;

class CorsMiddlewareTest {

  private static final String LISTED =
      """
      allow-origins = ["https://app.example.com"], allow-methods = [GET, PUT]
      allow-headers = [Content-Type, X-Token], expose-headers = [X-Total]
      allow-credentials = true, max-age = 10m
      """;
  private static final String PREFLIGHT =
      """
      OPTIONS /users HTTP/1.1
      Origin: %s
      Access-Control-Request-Method: PUT
      Access-Control-Request-Headers: x-token
      """;

  @Test
  void answersAPreflightWithoutTheUpstream() {
    FakeExchange exchange = send(LISTED, PREFLIGHT.formatted("https://app.example.com"));

    assertThat(exchange.state()).isEqualTo(State.ENDED);
    assertThat(exchange.response().status()).isEqualTo(204);
    assertThat(header(exchange, "Access-Control-Allow-Origin"))
        .isEqualTo("https://app.example.com");
    assertThat(header(exchange, "Access-Control-Allow-Methods")).isEqualTo("GET, PUT");
    assertThat(header(exchange, "Access-Control-Allow-Headers")).isEqualTo("Content-Type, X-Token");
    assertThat(header(exchange, "Access-Control-Allow-Credentials")).isEqualTo("true");
    assertThat(header(exchange, "Access-Control-Max-Age")).isEqualTo("600");
    assertThat(header(exchange, "Access-Control-Expose-Headers")).isNull();
    assertThat(exchange.response().headers().all(HeaderName.of("Vary")))
        .containsExactly("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  }

  @Test
  void refusesAPreflightOfAStranger() {
    FakeExchange exchange = send(LISTED, PREFLIGHT.formatted("https://evil.example"));

    assertThat(exchange.response().status()).isEqualTo(403);
    assertThat(header(exchange, "Access-Control-Allow-Origin")).isNull();
    assertThat(header(exchange, "Access-Control-Allow-Methods")).isNull();
    assertThat(header(exchange, "Vary")).contains("Origin");
  }

  @Test
  void addsItsHeadersToAnAllowedResponse() {
    FakeExchange exchange = send(LISTED, "GET / HTTP/1.1\nOrigin: https://app.example.com");

    exchange.answer("200\nVary: Accept-Encoding", "hello");

    assertThat(header(exchange, "Access-Control-Allow-Origin"))
        .isEqualTo("https://app.example.com");
    assertThat(header(exchange, "Access-Control-Allow-Credentials")).isEqualTo("true");
    assertThat(header(exchange, "Access-Control-Expose-Headers")).isEqualTo("X-Total");
    assertThat(header(exchange, "Access-Control-Allow-Methods")).isNull();
    assertThat(exchange.response().headers().all(HeaderName.of("Vary")))
        .containsExactly("Accept-Encoding", "Origin");
  }

  @Test
  void forwardsAStrangersRequestAndGivesItNoCorsHeaders() {
    FakeExchange exchange = send(LISTED, "GET / HTTP/1.1\nOrigin: https://evil.example");
    assertThat(exchange.state()).isEqualTo(State.FORWARDED);

    exchange.answer("200\nAccess-Control-Allow-Origin: *", "hello");

    assertThat(header(exchange, "Access-Control-Allow-Origin")).isNull();
    assertThat(header(exchange, "Vary")).isEqualTo("Origin");
  }

  @Test
  void replacesTheUpstreamsOwnHeaders() {
    FakeExchange exchange = send(LISTED, "GET / HTTP/1.1\nOrigin: https://app.example.com");

    exchange.answer(
        "200\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: https://x.example\n"
            + "Access-Control-Allow-Methods: DELETE\nAccess-Control-Max-Age: 1",
        "hello");

    assertThat(exchange.response().headers().all(HeaderName.of("Access-Control-Allow-Origin")))
        .containsExactly("https://app.example.com");
    assertThat(header(exchange, "Access-Control-Allow-Methods")).isNull();
    assertThat(header(exchange, "Access-Control-Max-Age")).isNull();
  }

  @Test
  void coversErrorsOfTheProxy() {
    FakeExchange exchange = send(LISTED, "GET / HTTP/1.1\nOrigin: https://app.example.com");

    exchange.fail(ErrorKind.CONNECTION_REFUSED);

    assertThat(exchange.response().status()).isEqualTo(502);
    assertThat(header(exchange, "Access-Control-Allow-Origin"))
        .isEqualTo("https://app.example.com");
  }

  @Test
  void onlyTellsCachesAboutARequestWithoutOrigin() {
    FakeExchange exchange = send(LISTED, "GET / HTTP/1.1").answer("200", "hello");

    assertThat(exchange.response().headers().size()).isEqualTo(1);
    assertThat(header(exchange, "Vary")).isEqualTo("Origin");
  }

  @Test
  void saysTheSameToEveryoneForAStar() {
    String any = "allow-origins = [\"*\"]";
    FakeExchange cross = send(any, "GET / HTTP/1.1\nOrigin: https://a.example").answer("200");
    FakeExchange plain = send(any, "GET / HTTP/1.1").answer("200");

    assertThat(header(cross, "Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(header(plain, "Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(header(cross, "Vary")).isNull();
    assertThat(header(cross, "Access-Control-Allow-Credentials")).isNull();
  }

  @Test
  void answersWhatWasAskedForAStar() {
    FakeExchange exchange =
        send(
            "allow-origins = [\"https://app.example.com\"], allow-methods = [\"*\"], allow-headers = [\"*\"]",
            PREFLIGHT.formatted("https://app.example.com"));

    assertThat(header(exchange, "Access-Control-Allow-Methods")).isEqualTo("PUT");
    assertThat(header(exchange, "Access-Control-Allow-Headers")).isEqualTo("x-token");
  }

  @Test
  void doesNotReflectWhatIsNoListOfNames() {
    FakeExchange exchange =
        send(
            "allow-origins = [\"*\"], allow-headers = [\"*\"]",
            "OPTIONS / HTTP/1.1\nOrigin: https://a.example\nAccess-Control-Request-Method: PUT\n"
                + "Access-Control-Request-Headers: x-a, <script>");

    assertThat(exchange.response().status()).isEqualTo(204);
    assertThat(header(exchange, "Access-Control-Allow-Headers")).isNull();
  }

  @Test
  void forwardsAnOptionsRequestThatIsNoPreflight() {
    assertThat(send(LISTED, "OPTIONS / HTTP/1.1\nOrigin: https://app.example.com").state())
        .isEqualTo(State.FORWARDED);
    assertThat(send(LISTED, "OPTIONS / HTTP/1.1\nAccess-Control-Request-Method: PUT").state())
        .isEqualTo(State.FORWARDED);
  }

  @Test
  void opensAPrivateNetworkOnlyWhenToldTo() {
    String asking =
        PREFLIGHT.formatted("https://app.example.com")
            + "Access-Control-Request-Private-Network: true\n";

    assertThat(header(send(LISTED, asking), "Access-Control-Allow-Private-Network")).isNull();
    assertThat(
            header(
                send(LISTED + "allow-private-network = on", asking),
                "Access-Control-Allow-Private-Network"))
        .isEqualTo("true");
  }

  private static FakeExchange send(String hocon, String head) {
    Middleware cors = PluginTester.of(new CorsFactory()).create(hocon).instance();
    return ExchangeHarness.through(cors).send(head);
  }

  private static String header(FakeExchange exchange, String name) {
    return exchange.response().headers().get(name);
  }
}
