package io.sluice.plugin.random;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code random} balancer. It has no keys of its own. */
public final class RandomFactory implements LoadBalancerFactory {

  @Override
  public String type() {
    return "random";
  }

  @Override
  public LoadBalancer create(ConfigSection config, PluginContext context) {
    return new RandomBalancer(() -> ThreadLocalRandom.current().nextDouble());
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
