package io.sluice.api.upstream;

import io.sluice.api.PluginFactory;

/** Makes {@link EndpointDiscovery}. */
public interface EndpointDiscoveryFactory extends PluginFactory<EndpointDiscovery> {}
