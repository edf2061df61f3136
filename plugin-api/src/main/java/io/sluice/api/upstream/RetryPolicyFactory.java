package io.sluice.api.upstream;

import io.sluice.api.PluginFactory;

/** Makes {@link RetryPolicy}. */
public interface RetryPolicyFactory extends PluginFactory<RetryPolicy> {}
