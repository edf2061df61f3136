package io.sluice.api.upstream;

import io.sluice.api.PluginFactory;

/** Makes {@link OutlierDetector}. */
public interface OutlierDetectorFactory extends PluginFactory<OutlierDetector> {}
