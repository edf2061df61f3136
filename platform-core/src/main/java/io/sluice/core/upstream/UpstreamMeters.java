package io.sluice.core.upstream;

import io.sluice.core.observe.Counter;
import io.sluice.core.observe.Histogram;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** What is metered of one upstream, and of each endpoint while it is there. Thread-safe. */
final class UpstreamMeters implements AutoCloseable {

  private final MeterRegistry registry;
  private final MeterScope scope;
  private final String upstream;
  private final Histogram attemptDuration;
  private final Map<EndpointState, AttemptMeters> endpoints = new ConcurrentHashMap<>();
  private final Map<Upstream.Retry, Counter> retries = new EnumMap<>(Upstream.Retry.class);

  UpstreamMeters(MeterRegistry registry, String upstream) {
    this.registry = registry;
    this.scope = registry.scope();
    this.upstream = upstream;
    this.attemptDuration = scope.histogram(MetricNames.ATTEMPT_DURATION, "upstream", upstream);
    for (Upstream.Retry result : Upstream.Retry.values()) {
      String label = result.name().toLowerCase(Locale.ROOT);
      retries.put(
          result, scope.counter(MetricNames.RETRIES, "upstream", upstream, "result", label));
    }
  }

  /** For the meters of its parts: closed along with these. */
  MeterScope scope() {
    return scope;
  }

  /** Shows what {@code of} holds at the moment. */
  void show(Upstream of) {
    connections("active", () -> of.connections() - of.idleConnections());
    connections("idle", of::idleConnections);
    scope.gauge(MetricNames.UPSTREAM_STREAMS, of::openStreams, "upstream", upstream);
    scope.gauge(MetricNames.UPSTREAM_PENDING, of::pending, "upstream", upstream);
    scope.gauge(MetricNames.UPSTREAM_PANIC, () -> of.panic() ? 1 : 0, "upstream", upstream);
  }

  private void connections(String state, DoubleSupplier open) {
    scope.gauge(MetricNames.UPSTREAM_CONNECTIONS, open, "upstream", upstream, "state", state);
  }

  /** The distribution of the attempts' durations. */
  Histogram attemptDuration() {
    return attemptDuration;
  }

  /** Begins with an endpoint, unless it has begun. */
  void add(EndpointState endpoint) {
    endpoints.computeIfAbsent(
        endpoint, added -> new AttemptMeters(registry.scope(), upstream, added));
  }

  void remove(EndpointState endpoint) {
    AttemptMeters gone = endpoints.remove(endpoint);
    if (gone != null) {
      gone.close();
    }
  }

  /** An attempt ended. */
  void count(EndpointState endpoint, AttemptResult attempt) {
    attemptDuration.record(attempt.durationNanos());
    AttemptMeters counts = endpoints.get(endpoint);
    if (counts != null) {
      counts.count(attempt);
    }
  }

  void countRetry(Upstream.Retry result) {
    Objects.requireNonNull(retries.get(result)).increment();
  }

  @Override
  public void close() {
    endpoints.values().forEach(AttemptMeters::close);
    scope.close();
  }
}
