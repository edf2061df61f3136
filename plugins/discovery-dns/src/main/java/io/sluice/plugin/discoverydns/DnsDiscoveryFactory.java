package io.sluice.plugin.discoverydns;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code dns} discovery. */
public final class DnsDiscoveryFactory implements EndpointDiscoveryFactory {

  @Override
  public String type() {
    return "dns";
  }

  @Override
  public EndpointDiscovery create(ConfigSection config, PluginContext context) {
    return new DnsDiscovery(
        DnsDiscoveryConfig.decode(config), context, () -> ThreadLocalRandom.current().nextDouble());
  }
}
