package io.sluice.plugin.healthcheckgrpc;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;

/**
 * Makes the {@code grpc} health check. Schedule and thresholds ({@code interval}, {@code timeout},
 * {@code healthy}, …) stand in the same block and are the platform's.
 */
public final class GrpcHealthCheckFactory implements HealthCheckFactory {

  @Override
  public String type() {
    return "grpc";
  }

  @Override
  public HealthCheck create(ConfigSection config, PluginContext context) {
    return new GrpcHealthCheck(GrpcHealthCheckConfig.decode(config));
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
