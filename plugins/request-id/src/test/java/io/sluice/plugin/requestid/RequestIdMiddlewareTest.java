package io.sluice.plugin.requestid;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Middleware;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.PluginTester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdMiddlewareTest {

  private static final HeaderName HEADER = HeaderName.of("X-Request-Id");
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  @Test
  void givesTheRequestAndTheResponseTheSameId() {
    FakeExchange exchange = send("", get(), false).answer("200\nX-Request-Id: of-the-upstream");

    String id = exchange.request().headers().get(HEADER);
    assertThat(id).matches(UUID);
    assertThat(exchange.response().headers().all(HEADER)).containsExactly(id);
  }

  @Test
  void marksErrorsOfTheProxyToo() {
    FakeExchange exchange = send("", get(), false).fail(ErrorKind.NO_ENDPOINT);

    assertThat(exchange.response().headers().get(HEADER)).matches(UUID);
  }

  @Test
  void replacesTheIdOfAnyoneButATrustedProxy() {
    assertThat(idOf(send("", withId("abc"), false))).matches(UUID);
    assertThat(idOf(send("", withId("abc"), true))).isEqualTo("abc");
  }

  @Test
  void keepsOrReplacesEveryonesIdWhenToldTo() {
    assertThat(idOf(send("trust = always", withId("abc"), false))).isEqualTo("abc");
    assertThat(idOf(send("trust = never", withId("abc"), true))).matches(UUID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\"b", "a,b", "<script>", "a\\b", "{x}", "caf\u00e9", "a\u0001b"})
  void replacesAnIdThatCouldHurtALog(String id) {
    FakeExchange exchange = FakeExchange.of("GET / HTTP/1.1");
    exchange.request().headers().set(HEADER, id);

    ExchangeHarness.through(middleware("trust = always")).send(exchange);

    assertThat(idOf(exchange)).matches(UUID);
  }

  @Test
  void replacesAnIdThatIsTooLong() {
    assertThat(idOf(send("trust = always", withId("a".repeat(128)), false))).hasSize(128);
    assertThat(idOf(send("trust = always", withId("a".repeat(129)), false))).matches(UUID);
  }

  @Test
  void writesAnotherHeaderInAnotherFormat() {
    FakeExchange exchange = send("header = X-Trace, format = hex, echo = off", get(), false);
    exchange.answer("200");

    assertThat(exchange.request().headers().get("X-Trace")).matches("[0-9a-f]{32}");
    assertThat(exchange.response().headers().get("X-Trace")).isNull();
  }

  private static String get() {
    return "GET / HTTP/1.1";
  }

  private static String withId(String id) {
    return "GET / HTTP/1.1\nX-Request-Id: " + id;
  }

  private static String idOf(FakeExchange exchange) {
    return String.join("|", exchange.request().headers().all(HEADER));
  }

  private static FakeExchange send(String hocon, String head, boolean trusted) {
    return ExchangeHarness.through(middleware(hocon)).send(FakeExchange.of(head).trusted(trusted));
  }

  private static Middleware middleware(String hocon) {
    return PluginTester.of(new RequestIdFactory()).create(hocon).instance();
  }
}
