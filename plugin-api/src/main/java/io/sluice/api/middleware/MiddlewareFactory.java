package io.sluice.api.middleware;

import io.sluice.api.PluginFactory;

/** Makes {@link Middleware}. */
public interface MiddlewareFactory extends PluginFactory<Middleware> {}
