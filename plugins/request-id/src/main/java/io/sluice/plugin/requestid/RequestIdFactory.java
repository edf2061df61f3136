package io.sluice.plugin.requestid;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;

/** Makes the {@code request-id} middleware. */
public final class RequestIdFactory implements MiddlewareFactory {

  @Override
  public String type() {
    return "request-id";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    return new RequestIdMiddleware(
        RequestIdConfig.decode(config), new RandomIds(), context.attribute(String.class));
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
