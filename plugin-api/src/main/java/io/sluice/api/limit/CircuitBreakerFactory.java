package io.sluice.api.limit;

import io.sluice.api.PluginFactory;

/** Makes {@link CircuitBreaker}. */
public interface CircuitBreakerFactory extends PluginFactory<CircuitBreaker> {}
