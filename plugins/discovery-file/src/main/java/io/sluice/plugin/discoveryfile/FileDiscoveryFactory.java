package io.sluice.plugin.discoveryfile;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscoveryFactory;

/** Makes the {@code file} discovery. */
public final class FileDiscoveryFactory implements EndpointDiscoveryFactory {

  @Override
  public String type() {
    return "file";
  }

  @Override
  public EndpointDiscovery create(ConfigSection config, PluginContext context) {
    return new FileDiscovery(FileDiscoveryConfig.decode(config), context);
  }
}
