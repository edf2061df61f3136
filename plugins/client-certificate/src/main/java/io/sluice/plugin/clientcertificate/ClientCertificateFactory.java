package io.sluice.plugin.clientcertificate;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;

/** Makes the {@code client-certificate} middleware. */
public final class ClientCertificateFactory implements MiddlewareFactory {

  @Override
  public String type() {
    return "client-certificate";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    return new ClientCertificateMiddleware(ClientCertificateConfig.decode(config));
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
