package io.sluice.core.upstream;

/** What may turn an attempt away, by the configuration key that says so. */
enum Limit {
  /** Attempts in flight to all endpoints. */
  MAX_REQUESTS("max-requests"),
  /** Attempts in flight to one endpoint. */
  ENDPOINT_MAX_REQUESTS("per-endpoint.max-requests"),
  /** No connection is free, and the queue for one is full. */
  MAX_PENDING("max-pending"),
  /** No connection came free in time. */
  PENDING_TIMEOUT("pending-timeout"),
  /** The concurrency limiter sheds load. */
  CONCURRENCY_LIMITER("concurrency-limiter"),
  /** The circuit breaker is open. */
  CIRCUIT_BREAKER("circuit-breaker");

  private final String key;

  Limit(String key) {
    this.key = key;
  }

  /** The key, as metrics name it. */
  String key() {
    return key;
  }
}
