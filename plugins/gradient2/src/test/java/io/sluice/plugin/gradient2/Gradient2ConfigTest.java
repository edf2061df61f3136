package io.sluice.plugin.gradient2;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Gradient2ConfigTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = gradient2",
        "min-limit = 1, initial-limit = 1, max-limit = 1",
        "priorities = 100%",
        """
        initial-limit = 20, min-limit = 20, max-limit = 200, tolerance = 1.5, smoothing = 0.2, queue = 4
        long-window = 600, window = 100ms, min-samples = 10, priorities = [100%, 90%, 80%, 70%]
        """
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "initial-limit = 0 | initial-limit: \"0\" is out of range (expected: a whole number from 1 to 1000000)",
        "initial-limit = 10 | initial-limit: is not between min-limit and max-limit",
        "min-limit = 300 | min-limit: is more than max-limit (expected: at most max-limit)",
        "max-limit = x | max-limit: \"x\" is not a whole number (expected: a whole number from 1 to 1000000)",
        "tolerance = 0.9 | tolerance: \"0.9\" is out of range (expected: a number from 1 to 10)",
        "smoothing = 0 | smoothing: \"0\" is out of range (expected: a number from 0.01 to 1)",
        "queue = 0 | queue: \"0\" is out of range (expected: a whole number from 1 to 1000000)",
        "long-window = 0 | long-window: \"0\" is out of range (expected: a whole number from 1 to 1000000)",
        "window = 1ms | window: \"1ms\" is not accepted (expected: a time from 10ms to 1m)",
        "min-samples = 0 | min-samples: \"0\" is out of range (expected: a whole number from 1 to 1000000)",
        "priorities = [90%] | priorities: the first priority has not the whole limit (expected: shares from 1% to 100% that do not grow, the first 100%)",
        "priorities = [100%, 50%, 60%] | priorities: \"60%\" is out of range (expected: shares from 1% to 100% that do not grow, the first 100%)",
        "priorities = [100%, 0.5] | priorities: \"0.5\" is no share (expected: shares from 1% to 100% that do not grow, the first 100%)",
      })
  void refuses(String hocon, String problem) {
    assertThat(problems(hocon)).containsExactly("plugin.conf:1: " + problem);
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new Gradient2Factory()).create(hocon).problems();
  }
}
