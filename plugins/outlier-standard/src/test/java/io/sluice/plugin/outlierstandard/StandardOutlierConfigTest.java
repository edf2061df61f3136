package io.sluice.plugin.outlierstandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardOutlierConfigTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = standard",
        "interval = 1h",
        "consecutive-failures = off",
        "consecutive-gateway-failures = 3, split-local-failures = on, consecutive-local-failures ="
            + " 2",
        "success-rate.factor = off, failure-share.threshold = 85%, latency.ratio = off",
        """
        consecutive-failures = 5, consecutive-gateway-failures = off
        split-local-failures = off, consecutive-local-failures = 5
        interval = 10s, base-ejection = 30s, max-ejection = 300s, jitter = 10%, restore-on-check = on
        success-rate { factor = 1.9, min-endpoints = 5, min-requests = 100, min-gap = 5% }
        failure-share { threshold = off, min-endpoints = 5, min-requests = 50 }
        latency { ratio = 3, quantile = 50%, min-endpoints = 3, min-requests = 20, window = 30s, min-difference = 20ms }
        """
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "consecutive-failures = 0 | consecutive-failures: \"0\" is out of range (expected: a whole"
            + " number from 1 to 1000000, or off)",
        "consecutive-failures = many | consecutive-failures: \"many\" is not accepted (expected: a"
            + " whole number from 1 to 1000000, or off)",
        "consecutive-gateway-failures = 1.5 | consecutive-gateway-failures: \"1.5\" is not accepted"
            + " (expected: a whole number from 1 to 1000000, or off)",
        "consecutive-local-failures = -1 | consecutive-local-failures: \"-1\" is not accepted"
            + " (expected: a whole number from 1 to 1000000, or off)",
        "interval = 10ms | interval: \"10ms\" is not accepted (expected: a time from 1s to 1h)",
        "base-ejection = 0 | base-ejection: \"0\" is not accepted (expected: a time above 0, at"
            + " most 1d)",
        "max-ejection = 10s | max-ejection: is less than base-ejection (expected: at least"
            + " base-ejection)",
        "jitter = 0.1 | jitter: \"0.1\" has no unit (expected: 10%)",
        "success-rate.factor = 0 | success-rate.factor: \"0\" is out of range (expected: a number"
            + " from 0.1 to 100, or off)",
        "success-rate.min-endpoints = 1 | success-rate.min-endpoints: \"1\" is out of range"
            + " (expected: a whole number from 2 to 1000000)",
        "failure-share.threshold = 0.85 | failure-share.threshold: \"0.85\" has no unit (expected:"
            + " a share from 1% to 100%, or off)",
        "failure-share.min-requests = 0 | failure-share.min-requests: \"0\" is out of range"
            + " (expected: a whole number from 1 to 1000000)",
        "latency.ratio = 1 | latency.ratio: \"1\" is out of range (expected: a number from 1.1 to"
            + " 1000, or off)",
        "latency.quantile = 0% | latency.quantile: \"0%\" is not accepted (expected: 1% to 99%)",
        "latency.min-requests = 0 | latency.min-requests: \"0\" is out of range (expected: a whole"
            + " number from 1 to 1000000)",
        "latency.window = 2h | latency.window: \"2h\" is not accepted (expected: a time from 1s to"
            + " 1h)",
        "latency.window = 61s, interval = 1s | latency.window: is more than 60 times interval"
            + " (expected: at most 60s)",
        "latency.min-difference = 2d | latency.min-difference: \"2d\" is not accepted (expected: a"
            + " time of at most 1d)",
      })
  void refuses(String hocon, String problem) {
    assertThat(problems(hocon)).containsExactly("plugin.conf:1: " + problem);
  }

  @Test
  void namesWhatWasMeant() {
    assertThat(problems("sucess-rate.factor = 2"))
        .containsExactly(
            "plugin.conf:1: sucess-rate: unknown key (did you mean \"success-rate\"?)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new StandardOutlierFactory()).create(hocon).problems();
  }
}
