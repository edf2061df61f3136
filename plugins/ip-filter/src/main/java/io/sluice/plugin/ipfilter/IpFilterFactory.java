package io.sluice.plugin.ipfilter;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.observe.Meters;

/** Makes the {@code ip-filter} middleware. A guard: never without configuration. */
public final class IpFilterFactory implements MiddlewareFactory {

  private static final String PREFIX = "middleware.";

  @Override
  public String type() {
    return "ip-filter";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    String name = context.name();
    Meters.Counter denied =
        context
            .meters()
            .counter(
                "sluice_ip_filter_denied_total",
                "middleware",
                name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name);
    return new IpFilterMiddleware(IpFilterConfig.decode(config), denied);
  }
}
