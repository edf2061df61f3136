package io.sluice.plugin.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class RandomFactoryTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(LoadBalancerFactory.class))
        .anyMatch(factory -> factory.type().equals("random"));
  }

  @Test
  void needsNoKeys() {
    assertThat(PluginTester.of(new RandomFactory()).create("type = random").instance())
        .isInstanceOf(RandomBalancer.class);
  }

  @Test
  void refusesKeysItDoesNotKnow() {
    assertThat(PluginTester.of(new RandomFactory()).create("weight = 3").problems())
        .containsExactly("plugin.conf:1: weight: unknown key (expected: type)");
  }
}
