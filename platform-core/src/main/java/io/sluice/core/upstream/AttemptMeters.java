package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.observe.Meters.Counter;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is metered of one endpoint, for as long as its upstream has it. */
final class AttemptMeters implements AutoCloseable {

  private final Counter success;
  private final Counter serverError;
  private final Counter cancelled;
  private final Map<ErrorKind, Counter> failures = new ConcurrentHashMap<>();
  private final MeterScope scope;
  private final String upstream;
  private final String endpoint;

  AttemptMeters(MeterScope scope, String upstream, EndpointState state) {
    this.scope = scope;
    this.upstream = upstream;
    this.endpoint = state.id();
    scope.gauge(
        MetricNames.ENDPOINT_UP,
        () -> state.healthy() ? 1 : 0,
        "upstream",
        upstream,
        "endpoint",
        endpoint);
    scope.gauge(
        MetricNames.ENDPOINT_EJECTED,
        () -> state.ejected() ? 1 : 0,
        "upstream",
        upstream,
        "endpoint",
        endpoint);
    this.success = counter("success");
    this.serverError = counter("server_error");
    this.cancelled = counter("cancelled");
  }

  private Counter counter(String outcome) {
    return scope.counter(
        MetricNames.ATTEMPTS, "upstream", upstream, "endpoint", endpoint, "outcome", outcome);
  }

  void count(AttemptOutcome outcome) {
    ErrorKind error = outcome.error();
    if (outcome.cancelled()) {
      cancelled.increment();
    } else if (error != null) {
      failures.computeIfAbsent(error, kind -> counter(kind.label())).increment();
    } else if (outcome.status() >= 500) {
      serverError.increment();
    } else {
      success.increment();
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
