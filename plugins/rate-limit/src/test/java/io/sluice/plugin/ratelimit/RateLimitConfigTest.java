package io.sluice.plugin.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.limit.RateLimitStoreFactory;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitConfigTest {

  @Test
  void isFoundUnderItsNameAndNeedsKeys() {
    assertThat(ServiceLoader.load(MiddlewareFactory.class))
        .anyMatch(factory -> factory.type().equals("rate-limit") && !factory.safeWithoutConfig());
    assertThat(ServiceLoader.load(RateLimitStoreFactory.class))
        .anyMatch(factory -> factory.type().equals("local"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "requests = 1",
        "type = rate-limit, requests = 100, per = 1 minute, burst = 10, key = client-ip, store { type = local }",
        "requests = 5, per = 1s, key = [client-ip, path], store.max-keys = 1000",
        "requests = 5, key = \"header:X-Api-Key\", ipv6-prefix = 56",
        "requests = 5, on-store-error = deny, store-timeout = 50ms, headers = off"
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesToRunWithoutARate() {
    assertThat(problems(""))
        .containsExactly(
            "plugin.conf:1: requests: is missing (expected: a whole number from 1 to 1000000000)");
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    assertThat(problems("requests = 0"))
        .containsExactly(
            "plugin.conf:1: requests: \"0\" is out of range (expected: a whole number from 1 to 1000000000)");
    assertThat(problems("requests = 5, burst = 0"))
        .containsExactly(
            "plugin.conf:1: burst: \"0\" is out of range (expected: a whole number from 1 to 1000000000)");
    assertThat(problems("requests = 5, per = 0"))
        .containsExactly(
            "plugin.conf:1: per: \"0\" is not accepted (expected: a time from 1ms to 30d)");
    assertThat(problems("requests = 5, per = 60"))
        .containsExactly("plugin.conf:1: per: \"60\" has no unit (expected: 60s or 60ms)");
    assertThat(problems("requests = 1, per = 30d, burst = 1000"))
        .containsExactly(
            "plugin.conf:1: burst: takes more than ten years to refill (expected: a smaller burst)");
  }

  @Test
  void refusesKeysThatAreNone() {
    assertThat(problems("requests = 5, key = ip"))
        .containsExactly(
            "plugin.conf:1: key: \"ip\" is not a key (expected: client-ip, path, host, route, header:NAME or cookie:NAME)");
    assertThat(problems("requests = 5, key = []"))
        .containsExactly(
            "plugin.conf:1: key: the value is not accepted (expected: client-ip, path, host, route, header:NAME or cookie:NAME)");
  }

  @Test
  void refusesAStoreThatIsNotThere() {
    assertThat(problems("requests = 5, store { type = rediss }")).hasSize(1);
  }

  @Test
  void refusesAStoreTooSmallToLimitAnyone() {
    assertThat(problems("requests = 5, store { max-keys = 1 }"))
        .containsExactly(
            "plugin.conf:1: store.max-keys: \"1\" is out of range (expected: a whole number from 100 to 100000000)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new RateLimitFactory()).create(hocon).problems();
  }
}
