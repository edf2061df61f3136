package io.sluice.plugin.leastrequest;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.PluginFactory;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class LeastRequestFactoryTest {

  @Test
  void isFoundUnderBothNames() {
    assertThat(ServiceLoader.load(LoadBalancerFactory.class))
        .extracting(PluginFactory::type)
        .contains("least-request", "least-connections");
  }

  @Test
  void makesTheSameBalancerUnderBothNames() {
    assertThat(PluginTester.of(new LeastRequestFactory()).create("").instance())
        .isInstanceOf(LeastRequestBalancer.class);
    assertThat(PluginTester.of(new LeastConnectionsFactory()).create("choices = 3").instance())
        .isInstanceOf(LeastRequestBalancer.class);
  }

  @Test
  void acceptsEveryKey() {
    assertThat(problems("choices = 4, bias = 1.5")).isEmpty();
  }

  @Test
  void refusesOneChoice() {
    assertThat(problems("choices = 1"))
        .containsExactly(
            "plugin.conf:1: choices: \"1\" is out of range (expected: a whole number from 2 to 16)");
  }

  @Test
  void refusesANegativeBias() {
    assertThat(problems("bias = -1"))
        .containsExactly(
            "plugin.conf:1: bias: \"-1\" is out of range (expected: a number from 0 to 10)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new LeastRequestFactory()).create(hocon).problems();
  }
}
