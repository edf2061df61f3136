package io.sluice.plugin.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardBreakerConfigTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = standard",
        "failure-ratio = off, slow-call = 2s",
        "window-calls = 100, min-calls = 100",
        "window-calls = 10",
        """
        window = 10s, min-calls = 20, failure-ratio = 50%, slow-call = off, slow-ratio = 80%
        open = 30s, growth = 1, max-open = 5m, trials = 5, trial-timeout = 1m
        """
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "window = 1500ms | window: \"1500ms\" is not accepted (expected: whole seconds from 1s to 10m)",
        "window = 10 | window: \"10\" has no unit (expected: 10s or 10ms)",
        "window = 10s, window-calls = 50 | window-calls: stands beside window (expected: one of the two)",
        "window-calls = 10, min-calls = 11 | min-calls: is more than window-calls (expected: at most window-calls)",
        "min-calls = 0 | min-calls: \"0\" is out of range (expected: a whole number from 1 to 100000)",
        "failure-ratio = 0.5 | failure-ratio: \"0.5\" is not accepted (expected: a share from 1% to 100%, or off)",
        "failure-ratio = 0% | failure-ratio: \"0%\" is out of range (expected: a share from 1% to 100%, or off)",
        "slow-call = 0 | slow-call: \"0\" is not accepted (expected: a time above 0 and at most 1d, or off)",
        "slow-ratio = 0% | slow-ratio: \"0%\" is not accepted (expected: 1% to 100%)",
        "open = 0 | open: \"0\" is not accepted (expected: a time above 0, at most 1d)",
        "open = 10m | max-open: is less than open (expected: at least open)",
        "growth = 0.5 | growth: \"0.5\" is out of range (expected: a number from 1 to 10)",
        "trials = 0 | trials: \"0\" is out of range (expected: a whole number from 1 to 1000)",
        "trial-timeout = 0 | trial-timeout: \"0\" is not accepted (expected: a time above 0, at most 1d)",
        "half-open = 5 | half-open: unknown key",
      })
  void refuses(String hocon, String problem) {
    assertThat(problems(hocon))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("plugin.conf:1: " + problem);
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new StandardBreakerFactory()).create(hocon).problems();
  }
}
