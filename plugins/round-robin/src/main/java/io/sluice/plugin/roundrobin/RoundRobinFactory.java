package io.sluice.plugin.roundrobin;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;

/** Makes the {@code round-robin} balancer. It has no keys of its own. */
public final class RoundRobinFactory implements LoadBalancerFactory {

  @Override
  public String type() {
    return "round-robin";
  }

  @Override
  public LoadBalancer create(ConfigSection config, PluginContext context) {
    return new RoundRobinBalancer();
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
