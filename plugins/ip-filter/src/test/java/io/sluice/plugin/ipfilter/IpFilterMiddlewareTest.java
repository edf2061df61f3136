package io.sluice.plugin.ipfilter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.middleware.Middleware;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.FakeExchange.State;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpFilterMiddlewareTest {

  private final FakePluginContext context = new FakePluginContext("middleware.office");

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, true",
    "10.9.0.1, false",
    "11.0.0.1, false",
    "2001:db8::7, true",
    "2001:db9::7, false",
    "::ffff:10.1.2.3, true",
    "::ffff:10.9.0.1, false"
  })
  void letsDenyWinOverAllow(String ip, boolean passes) {
    FakeExchange exchange =
        send("allow = [10.0.0.0/8, \"2001:db8::/32\"], deny = [10.9.0.0/16]", ip);

    assertThat(exchange.state() == State.FORWARDED).isEqualTo(passes);
  }

  @ParameterizedTest
  @CsvSource({"192.0.2.1, false", "192.0.2.2, true"})
  void letsEveryoneElsePassWithoutAllow(String ip, boolean passes) {
    assertThat(send("deny = 192.0.2.1", ip).state() == State.FORWARDED).isEqualTo(passes);
  }

  @Test
  void answersForbiddenAndCounts() {
    FakeExchange exchange = send("deny = 192.0.2.1", "192.0.2.1");

    assertThat(exchange.response().status()).isEqualTo(403);
    assertThat(exchange.response().headers().get("Proxy-Status"))
        .isEqualTo("sluice; error=http_request_denied");
    assertThat(exchange.body()).contains("\"error\":\"denied\"").doesNotContain("192.0.2.1");
    assertThat(context.meters().count("sluice_ip_filter_denied_total", "middleware", "office"))
        .isEqualTo(1);
  }

  private FakeExchange send(String hocon, String ip) {
    Middleware filter =
        PluginTester.of(new IpFilterFactory()).with(context).create(hocon).instance();
    return ExchangeHarness.through(filter).send(FakeExchange.of("GET / HTTP/1.1").from(ip));
  }
}
