package io.sluice.plugin.peakewma;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeakEwmaFactoryTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(LoadBalancerFactory.class))
        .anyMatch(factory -> factory.type().equals("peak-ewma"));
  }

  @Test
  void needsNoKeys() {
    assertThat(new PeakEwmaFactory().safeWithoutConfig()).isTrue();
    assertThat(PluginTester.of(new PeakEwmaFactory()).create("type = peak-ewma").instance())
        .isInstanceOf(PeakEwmaBalancer.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "decay = 100ms",
        "decay = 1h",
        "failure-factor = 1",
        "decay = 5s, failure-factor = 10"
      })
  void acceptsEveryKey(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"99ms", "2h", "0s"})
  void refusesADecayOutOfRange(String decay) {
    assertThat(problems("decay = " + decay))
        .containsExactly(
            "plugin.conf:1: decay: \""
                + decay
                + "\" is not accepted (expected: a time from 100ms to 1h)");
  }

  @Test
  void refusesAFactorThatWouldRewardFailure() {
    assertThat(problems("failure-factor = 0.5"))
        .containsExactly(
            "plugin.conf:1: failure-factor: \"0.5\" is out of range (expected: a number from 1 to"
                + " 100)");
  }

  @Test
  void refusesKeysItDoesNotKnow() {
    assertThat(problems("choices = 3"))
        .containsExactly(
            "plugin.conf:1: choices: unknown key (expected: one of type, decay, failure-factor)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new PeakEwmaFactory()).create(hocon).problems();
  }
}
