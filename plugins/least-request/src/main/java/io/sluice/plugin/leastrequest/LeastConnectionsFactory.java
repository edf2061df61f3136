package io.sluice.plugin.leastrequest;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes the {@code least-connections} balancer: {@code least-request} under the name that other
 * proxies gave it. On a TCP upstream a connection is a request, so it is also true there.
 */
public final class LeastConnectionsFactory implements LoadBalancerFactory {

  @Override
  public String type() {
    return "least-connections";
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
