package io.sluice.plugin.peakewma;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code peak-ewma} balancer. */
public final class PeakEwmaFactory implements LoadBalancerFactory {

  @Override
  public String type() {
    return "peak-ewma";
  }

  @Override
  public LoadBalancer create(ConfigSection config, PluginContext context) {
    return new PeakEwmaBalancer(
        PeakEwmaConfig.decode(config),
        context.endpointSlot(Estimate.class),
        context.ticker(),
        ThreadLocalRandom::current);
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
