package io.sluice.plugin.grpcweb;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;

/** Makes the {@code grpc-web} middleware. It has no keys. */
public final class GrpcWebFactory implements MiddlewareFactory {

  @Override
  public String type() {
    return "grpc-web";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    return new GrpcWebMiddleware(context.attribute(GrpcWebMiddleware.Call.class));
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
