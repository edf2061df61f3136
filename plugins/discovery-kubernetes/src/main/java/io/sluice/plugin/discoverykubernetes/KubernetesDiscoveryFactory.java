package io.sluice.plugin.discoverykubernetes;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscoveryFactory;

/** Makes the {@code kubernetes} discovery. */
public final class KubernetesDiscoveryFactory implements EndpointDiscoveryFactory {

  @Override
  public String type() {
    return "kubernetes";
  }

  @Override
  public EndpointDiscovery create(ConfigSection config, PluginContext context) {
    return new KubernetesDiscovery(KubernetesDiscoveryConfig.decode(config), context);
  }
}
