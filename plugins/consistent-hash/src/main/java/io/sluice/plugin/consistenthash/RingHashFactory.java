package io.sluice.plugin.consistenthash;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes the {@code ring-hash} balancer: of all it moves the fewest keys when endpoints come or go.
 */
public final class RingHashFactory implements LoadBalancerFactory {

  private static final int FEWEST = 1024;
  private static final int MOST = 1 << 20;

  @Override
  public String type() {
    return "ring-hash";
  }

  @Override
  public LoadBalancer create(ConfigSection config, PluginContext context) {
    HashConfig common = HashConfig.decode(config);
    int min =
        config
            .integer("min-points", FEWEST, MOST)
            .describe("the fewest points on the ring, over all endpoints")
            .orElse((long) FEWEST)
            .intValue();
    int max =
        config
            .integer("max-points", 2 * FEWEST, 2 * MOST)
            .describe("the most points on the ring; rounding may add one for each endpoint")
            .orElse(Math.max(2L * min, 65_536))
            .intValue();
    if (max < 2 * min) {
      config.problem("max-points", max + " is less than twice min-points", "at least " + 2 * min);
    }
    return new HashBalancer(
        common,
        (ids, weights) -> RingLayout.of(ids, weights, min, max),
        ThreadLocalRandom::current);
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
