package io.sluice.plugin.consistenthash;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.math.BigInteger;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code maglev} balancer: of all that go by a key the most even. */
public final class MaglevFactory implements LoadBalancerFactory {

  /** Half as big again as the paper's larger table. */
  private static final int LARGEST = 1_000_003;

  private static final int SMALLEST = 101;

  @Override
  public String type() {
    return "maglev";
  }

  @Override
  public LoadBalancer create(ConfigSection config, PluginContext context) {
    HashConfig common = HashConfig.decode(config);
    int size =
        config
            .integer("table-size", SMALLEST, LARGEST)
            .describe("slots of the table, a prime; at least a hundred for each endpoint")
            .check(MaglevFactory::isPrime, "a prime number")
            .orElse(65_537L)
            .intValue();
    return new HashBalancer(
        common, (ids, weights) -> MaglevLayout.of(ids, weights, size), ThreadLocalRandom::current);
  }

  private static boolean isPrime(long number) {
    return BigInteger.valueOf(number).isProbablePrime(40);
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
