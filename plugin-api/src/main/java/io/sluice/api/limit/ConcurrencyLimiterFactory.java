package io.sluice.api.limit;

import io.sluice.api.PluginFactory;

/** Makes {@link ConcurrencyLimiter}. */
public interface ConcurrencyLimiterFactory extends PluginFactory<ConcurrencyLimiter> {}
