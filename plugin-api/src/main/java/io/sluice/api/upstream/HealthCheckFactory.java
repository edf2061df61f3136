package io.sluice.api.upstream;

import io.sluice.api.PluginFactory;

/** Makes {@link HealthCheck}. */
public interface HealthCheckFactory extends PluginFactory<HealthCheck> {}
