package io.sluice.plugin.ratelimit;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.RateLimitStore;
import io.sluice.api.limit.RateLimitStoreFactory;

/** Makes the {@code local} rate-limit store, which keeps buckets in the memory of this process. */
public final class LocalStoreFactory implements RateLimitStoreFactory {

  @Override
  public String type() {
    return "local";
  }

  @Override
  public RateLimitStore create(ConfigSection config, PluginContext context) {
    int maxKeys =
        config
            .integer("max-keys", 100, 100_000_000)
            .describe("buckets kept at most; those idle longest are forgotten first")
            .orElse(100_000L)
            .intValue();
    return new LocalStore(maxKeys, context.ticker());
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
