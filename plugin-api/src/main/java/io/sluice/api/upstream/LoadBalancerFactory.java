package io.sluice.api.upstream;

import io.sluice.api.PluginFactory;

/** Makes {@link LoadBalancer}. */
public interface LoadBalancerFactory extends PluginFactory<LoadBalancer> {}
