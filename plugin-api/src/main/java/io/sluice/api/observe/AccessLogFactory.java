package io.sluice.api.observe;

import io.sluice.api.PluginFactory;

/** Makes {@link AccessLog}. */
public interface AccessLogFactory extends PluginFactory<AccessLog> {}
