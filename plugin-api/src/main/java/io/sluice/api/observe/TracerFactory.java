package io.sluice.api.observe;

import io.sluice.api.PluginFactory;

/** Makes {@link Tracer}. */
public interface TracerFactory extends PluginFactory<Tracer> {}
