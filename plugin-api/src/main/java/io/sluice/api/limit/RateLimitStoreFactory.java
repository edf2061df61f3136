package io.sluice.api.limit;

import io.sluice.api.PluginFactory;

/** Makes {@link RateLimitStore}. */
public interface RateLimitStoreFactory extends PluginFactory<RateLimitStore> {}
