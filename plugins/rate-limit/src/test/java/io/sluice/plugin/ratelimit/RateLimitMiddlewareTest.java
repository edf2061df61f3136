package io.sluice.plugin.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.RateLimitStore;
import io.sluice.api.limit.RateLimitStore.Decision;
import io.sluice.api.limit.RateLimitStoreFactory;
import io.sluice.api.middleware.Middleware;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.FakeExchange.State;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class RateLimitMiddlewareTest {

  private static final String HUNDRED_A_MINUTE = "requests = 100, per = 1 minute, burst = 10";
  private static final String REMOTE = "requests = 100, burst = 10, store { type = remote }\n";

  private final FakePluginContext context = new FakePluginContext("middleware.limit");
  private final CompletableFuture<Decision> remoteAnswer = new CompletableFuture<>();

  @Test
  void allowsTheBurstThenTheRate() {
    Middleware limit = limit(HUNDRED_A_MINUTE);
    for (int i = 0; i < 10; i++) {
      assertThat(send(limit, "203.0.113.7").state()).isEqualTo(State.FORWARDED);
    }
    assertThat(send(limit, "203.0.113.7").response().status()).isEqualTo(429);

    context.advance(Duration.ofMillis(600));

    assertThat(send(limit, "203.0.113.7").state()).isEqualTo(State.FORWARDED);
    assertThat(send(limit, "203.0.113.7").response().status()).isEqualTo(429);
  }

  @Test
  void countsEachClientForItself() {
    Middleware limit = limit("requests = 1, per = 1h");

    assertThat(send(limit, "192.0.2.1").state()).isEqualTo(State.FORWARDED);
    assertThat(send(limit, "192.0.2.2").state()).isEqualTo(State.FORWARDED);
    assertThat(send(limit, "192.0.2.1").state()).isEqualTo(State.ENDED);
  }

  @Test
  void tellsARefusedClientWhenToComeBack() {
    Middleware limit = limit("requests = 2, per = 1 minute");
    send(limit, "192.0.2.1");
    send(limit, "192.0.2.1");

    FakeExchange refused = send(limit, "192.0.2.1");

    assertThat(refused.response().status()).isEqualTo(429);
    assertThat(header(refused, "Retry-After")).isEqualTo("30");
    assertThat(header(refused, "RateLimit-Limit")).isEqualTo("2");
    assertThat(header(refused, "RateLimit-Remaining")).isEqualTo("0");
    assertThat(header(refused, "RateLimit-Reset")).isEqualTo("60");
    assertThat(header(refused, "RateLimit-Policy")).isEqualTo("2;w=60;burst=2");
    assertThat(header(refused, "Content-Type")).isEqualTo("application/json");
    assertThat(refused.body())
        .isEqualTo(
            "{\"status\":429,\"error\":\"rate_limited\",\"exchange\":\"00000000000000a1\"}\n");
    assertThat(limited()).isEqualTo(1);
  }

  @Test
  void tellsAnAllowedClientWhatIsLeft() {
    FakeExchange exchange = send(limit(HUNDRED_A_MINUTE), "192.0.2.1").answer("200", "hello");

    assertThat(header(exchange, "RateLimit-Limit")).isEqualTo("10");
    assertThat(header(exchange, "RateLimit-Remaining")).isEqualTo("9");
    assertThat(header(exchange, "RateLimit-Reset")).isEqualTo("1");
    assertThat(header(exchange, "Retry-After")).isNull();
  }

  @Test
  void tellsNothingWhenToldSo() {
    FakeExchange exchange =
        send(limit(HUNDRED_A_MINUTE + ", headers = off"), "192.0.2.1").answer("200");

    assertThat(exchange.response().headers().size()).isZero();
  }

  @Test
  void tellsTheTighterOfTwoLimits() {
    Middleware wide = limit("requests = 1000");
    Middleware tight = limit("requests = 5");

    FakeExchange inner = ExchangeHarness.through(wide, tight).send("GET / HTTP/1.1").answer("200");
    FakeExchange outer = ExchangeHarness.through(tight, wide).send("GET / HTTP/1.1").answer("200");

    assertThat(header(inner, "RateLimit-Limit")).isEqualTo("5");
    assertThat(header(outer, "RateLimit-Limit")).isEqualTo("5");
  }

  @Test
  void parksTheExchangeWhileARemoteStoreThinks() {
    FakeExchange exchange = send(remote(""), "192.0.2.1");
    assertThat(exchange.state()).isEqualTo(State.SUSPENDED);

    remoteAnswer.complete(new Decision(true, 3, 0, 1));

    assertThat(exchange.state()).isEqualTo(State.FORWARDED);
    assertThat(context.planned()).isZero();
  }

  @Test
  void refusesWhenARemoteStoreSaysSo() {
    FakeExchange exchange = send(remote(""), "192.0.2.1");

    remoteAnswer.complete(new Decision(false, 0, Duration.ofSeconds(5).toNanos(), 1));

    assertThat(exchange.response().status()).isEqualTo(429);
    assertThat(header(exchange, "Retry-After")).isEqualTo("5");
  }

  @Test
  void letsPassWhatABrokenStoreCannotJudge() {
    FakeExchange exchange = send(remote(""), "192.0.2.1");

    remoteAnswer.completeExceptionally(new IllegalStateException("store is down"));

    assertThat(exchange.state()).isEqualTo(State.FORWARDED);
    assertThat(storeErrors()).isEqualTo(1);
  }

  @Test
  void letsPassWhatABrokenStoreRefusesAtOnce() {
    remoteAnswer.completeExceptionally(new IllegalStateException("store is down"));

    assertThat(send(remote(""), "192.0.2.1").state()).isEqualTo(State.FORWARDED);
    assertThat(storeErrors()).isEqualTo(1);
  }

  @Test
  void refusesWhatABrokenStoreCannotJudgeWhenToldTo() {
    FakeExchange exchange = send(remote("on-store-error = deny"), "192.0.2.1");

    remoteAnswer.completeExceptionally(new IllegalStateException("store is down"));

    assertThat(exchange.response().status()).isEqualTo(503);
    assertThat(header(exchange, "Retry-After")).isEqualTo("1");
    assertThat(exchange.body()).doesNotContain("down");
  }

  @Test
  void doesNotWaitLongerForAStoreThanItsLimit() {
    FakeExchange exchange = send(remote("store-timeout = 200ms"), "192.0.2.1");

    context.advance(Duration.ofMillis(200));
    assertThat(exchange.state()).isEqualTo(State.FORWARDED);

    remoteAnswer.complete(new Decision(false, 0, 1, 1));
    assertThat(exchange.state()).isEqualTo(State.FORWARDED);
    assertThat(storeErrors()).isEqualTo(1);
  }

  private long limited() {
    return context.meters().count("sluice_rate_limited_total", "middleware", "limit");
  }

  private long storeErrors() {
    return context.meters().count("sluice_rate_limit_store_errors_total", "middleware", "limit");
  }

  private Middleware limit(String hocon) {
    return PluginTester.of(new RateLimitFactory()).with(context).create(hocon).instance();
  }

  private Middleware remote(String hocon) {
    context.offer(new RemoteFactory());
    return limit(REMOTE + hocon);
  }

  private static FakeExchange send(Middleware limit, String ip) {
    return ExchangeHarness.through(limit).send(FakeExchange.of("GET / HTTP/1.1").from(ip));
  }

  private static String header(FakeExchange exchange, String name) {
    return exchange.response().headers().get(name);
  }

  private final class RemoteFactory implements RateLimitStoreFactory {

    @Override
    public String type() {
      return "remote";
    }

    @Override
    public RateLimitStore create(ConfigSection config, PluginContext lent) {
      return new RateLimitStore() {
        @Override
        public CompletionStage<Decision> take(String key, Quota quota, int cost) {
          return remoteAnswer;
        }
      };
    }
  }
}
