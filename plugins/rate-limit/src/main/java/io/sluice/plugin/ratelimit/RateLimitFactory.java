package io.sluice.plugin.ratelimit;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.RateLimitStore;
import io.sluice.api.limit.RateLimitStoreFactory;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.observe.Meters;

/** Makes the {@code rate-limit} middleware. A guard: never without configuration. */
public final class RateLimitFactory implements MiddlewareFactory {

  private static final String PREFIX = "middleware.";

  @Override
  public String type() {
    return "rate-limit";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    RateLimitConfig decoded = RateLimitConfig.decode(config);
    ConfigSection storeConfig =
        config
            .section("store")
            .describe("where the buckets are kept")
            .orElse(config.empty("store"));
    RateLimitStore store = context.create(RateLimitStoreFactory.class, storeConfig, "local");
    if (store == null) {
      // The problem is recorded, and what is made here is thrown away.
      return new Middleware() {};
    }
    String name = context.name();
    String label = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    Meters meters = context.meters();
    RateLimitMiddleware.Counters counters =
        new RateLimitMiddleware.Counters(
            meters.counter("sluice_rate_limited_total", "middleware", label),
            meters.counter("sluice_rate_limit_store_errors_total", "middleware", label));
    return new RateLimitMiddleware(
        decoded,
        new BucketKey(label, decoded.key(), decoded.ipv6Prefix()),
        store,
        counters,
        context);
  }
}
