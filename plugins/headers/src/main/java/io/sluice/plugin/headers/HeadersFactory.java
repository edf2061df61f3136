package io.sluice.plugin.headers;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;

/** Makes the {@code headers} middleware. */
public final class HeadersFactory implements MiddlewareFactory {

  @Override
  public String type() {
    return "headers";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    return new HeadersMiddleware(HeadersConfig.decode(config));
  }
}
