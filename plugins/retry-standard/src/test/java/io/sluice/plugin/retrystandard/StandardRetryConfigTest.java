package io.sluice.plugin.retrystandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardRetryConfigTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "attempts = 1",
        "on = []",
        "on = timeout",
        "per-try-timeout = off",
        "backoff { base = 0, max = 0 }",
        "budget { concurrent = off }",
        "budget { concurrent = 20%, min-concurrent = 0 }",
        """
        type = standard, attempts = 3
        on = [connect-failure, reset, refused-stream, 502, 503, 504]
        per-try-timeout = off, backoff { base = 25ms, max = 250ms }
        budget { ratio = 20%, per-second = 10 }
        """
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesNoAttempts() {
    assertThat(problems("attempts = 0"))
        .containsExactly(
            "plugin.conf:1: attempts: \"0\" is out of range (expected: a whole number from 1 to 10)");
  }

  @Test
  void refusesAnUnknownCondition() {
    assertThat(problems("on = [resett]"))
        .containsExactly(
            "plugin.conf:1: on: \"resett\" is no condition (expected: connect-failure, reset, refused-stream, timeout, bad-response, gateway-error, 5xx, retriable-4xx, or a status code from 400 to 599)");
  }

  @Test
  void refusesATimeLimitOfZero() {
    assertThat(problems("per-try-timeout = 0"))
        .containsExactly(
            "plugin.conf:1: per-try-timeout: \"0\" is not accepted (expected: a time above 0 and at most 1d, or off)");
  }

  @Test
  void refusesABackoffThatEndsBelowItsBase() {
    assertThat(problems("backoff { base = 1s, max = 10ms }"))
        .containsExactly("plugin.conf:1: backoff.max: is less than base (expected: at least base)");
  }

  @Test
  void refusesAReserveOfFractions() {
    assertThat(problems("budget { reserve = 1500ms }"))
        .containsExactly(
            "plugin.conf:1: budget.reserve: \"1500ms\" is not accepted (expected: whole seconds from 1s to 60s)");
  }

  @Test
  void refusesARatioWithoutItsSign() {
    assertThat(problems("budget { ratio = 0.2 }"))
        .containsExactly("plugin.conf:1: budget.ratio: \"0.2\" has no unit (expected: 20%)");
  }

  @Test
  void refusesAShareThatIsNone() {
    assertThat(problems("budget { concurrent = 0% }"))
        .containsExactly(
            "plugin.conf:1: budget.concurrent: \"0%\" is out of range (expected: a share above 0% and at most 100%, or off)");
    assertThat(problems("budget { concurrent = some }"))
        .containsExactly(
            "plugin.conf:1: budget.concurrent: \"some\" is no share (expected: a share above 0% and at most 100%, or off)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new StandardRetryFactory()).create(hocon).problems();
  }
}
