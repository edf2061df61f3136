package io.sluice.plugin.peakewma;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Makes the {@code peak-ewma} balancer. */
public final class PeakEwmaFactory implements LoadBalancerFactory {

  private final Supplier<? extends RandomGenerator> random;

  /** Draws with the generator of the calling thread. */
  public PeakEwmaFactory() {
    this(ThreadLocalRandom::current);
  }

  /** Draws with a generator of the caller's: a simulation gives the same each time. */
  PeakEwmaFactory(Supplier<? extends RandomGenerator> random) {
    this.random = random;
  }

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
        random);
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
