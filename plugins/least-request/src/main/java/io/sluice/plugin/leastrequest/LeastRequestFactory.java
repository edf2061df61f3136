package io.sluice.plugin.leastrequest;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code least-request} balancer, the one an upstream has when it names none. */
public final class LeastRequestFactory implements LoadBalancerFactory {

  @Override
  public String type() {
    return "least-request";
  }

  @Override
  public LoadBalancer create(ConfigSection config, PluginContext context) {
    return new LeastRequestBalancer(LeastRequestConfig.decode(config), ThreadLocalRandom::current);
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
