package io.sluice.api.cache;

import io.sluice.api.PluginFactory;

/** Makes {@link CacheStore}. */
public interface CacheStoreFactory extends PluginFactory<CacheStore> {}
