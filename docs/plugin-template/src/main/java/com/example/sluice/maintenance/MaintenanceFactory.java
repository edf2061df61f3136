package com.example.sluice.maintenance;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;

/** What Sluice finds: named in {@code META-INF/services}, selected by {@code type = maintenance}. */
public final class MaintenanceFactory implements MiddlewareFactory {

  /** For {@link java.util.ServiceLoader}. */
  public MaintenanceFactory() {}

  @Override
  public String type() {
    return "maintenance";
  }

  @Override
  public Middleware create(ConfigSection config, PluginContext context) {
    MaintenanceConfig decoded = MaintenanceConfig.decode(config);
    // Meters are made here, once, and never while an exchange runs.
    return new Maintenance(
        decoded, context.meters().counter("maintenance_pages_total", "instance", context.name()));
  }
}
