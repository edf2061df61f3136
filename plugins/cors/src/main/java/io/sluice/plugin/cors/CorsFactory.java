package io.sluice.plugin.cors;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;

/** Makes the {@code cors} middleware. It decides who may read, so it never runs unconfigured. */
public final class CorsFactory implements MiddlewareFactory {

  @Override
  public String type() {
    return "cors";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    return new CorsMiddleware(CorsConfig.decode(config));
  }
}
