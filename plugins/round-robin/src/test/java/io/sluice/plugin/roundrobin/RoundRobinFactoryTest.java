package io.sluice.plugin.roundrobin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class RoundRobinFactoryTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(LoadBalancerFactory.class))
        .anyMatch(factory -> factory.type().equals("round-robin"));
  }

  @Test
  void needsNoKeys() {
    assertThat(PluginTester.of(new RoundRobinFactory()).create("type = round-robin").instance())
        .isInstanceOf(RoundRobinBalancer.class);
  }

  @Test
  void refusesKeysItDoesNotKnow() {
    assertThat(PluginTester.of(new RoundRobinFactory()).create("weight = 3").problems())
        .containsExactly("plugin.conf:1: weight: unknown key (expected: type)");
  }
}
