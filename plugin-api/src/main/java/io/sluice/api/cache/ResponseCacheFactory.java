package io.sluice.api.cache;

import io.sluice.api.PluginFactory;

/** Makes {@link ResponseCache}. */
public interface ResponseCacheFactory extends PluginFactory<ResponseCache> {}
