package io.sluice.core.admin;

import io.sluice.api.cache.ResponseCache;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What the admin API shows and does, made by whoever boots the platform. Methods may block, unless
 * they say otherwise; they are called on the executor that {@link AdminServer} was given, several
 * at a time. The names of record components are the names in the JSON answers; durations become
 * seconds, instants ISO 8601 texts, enums kebab-case texts.
 */
public interface AdminModel {

  /** How the process does. */
  Status status();

  /** Whether traffic should be sent here. Called on the admin loop: must not block. */
  Readiness readiness();

  /** The configuration that serves, as JSON, with secrets hidden. */
  String effectiveConfig();

  /** Every route, in the order of matching. */
  List<RouteView> routes();

  /** Every upstream, by name. */
  List<UpstreamView> upstreams();

  /** Every plugin found. */
  List<PluginView> plugins();

  /**
   * Says what would become of a request; sends nothing.
   *
   * @param url absolute: {@code http://users.com/proxy/x?y=1}
   * @param headers names and values, in order
   * @param certificates what the client shows, its own first; empty when it shows none
   * @throws IllegalArgumentException for a method, URL or certificate that cannot be; its message
   *     is shown
   */
  Explanation explain(
      String method,
      String url,
      List<Map.Entry<String, String>> headers,
      List<X509Certificate> certificates);

  /** Reads the configuration again; completes when the new one serves or was refused. */
  CompletionStage<ReloadResult> reload();

  /** Begins to drain and returns. Draining twice is draining once. */
  void drain();

  /** Enables, disables or drains an endpoint, until a restart or until asked otherwise. */
  Change setEndpointState(String upstream, String endpoint, EndpointState state);

  /**
   * Adds an endpoint, or changes one that is there, until a restart or a reload that changes its
   * upstream.
   *
   * @param endpoint an address as in the configuration, which becomes its id
   */
  Change putEndpoint(String upstream, String endpoint, EndpointSettings settings);

  /** Drains an endpoint and forgets it, until a restart or a reload that changes its upstream. */
  Change removeEndpoint(String upstream, String endpoint);

  /** Purges a cache; completes with how many responses are gone. Empty: there is no such cache. */
  default Optional<CompletionStage<Long>> purge(String cache, ResponseCache.Selector selector) {
    return Optional.empty();
  }

  /** Where in its life the process is. */
  enum State {
    STARTING,
    READY,
    DRAINING
  }

  /**
   * How the process does.
   *
   * @param uptime since the process serves
   * @param generation the number of the configuration that serves, from 1
   * @param connections open connections from clients
   * @param exchanges that are under way
   * @param tls the library by which TLS is spoken
   * @param lastReload null before the first
   */
  record Status(
      State status,
      String version,
      Duration uptime,
      Instant started,
      long generation,
      long connections,
      long exchanges,
      String tls,
      List<ListenerView> listeners,
      @Nullable LastReload lastReload) {}

  /**
   * The last reload.
   *
   * @param problems empty when it was taken
   */
  record LastReload(Instant at, boolean success, List<String> problems) {}

  /** A listener. */
  record ListenerView(String name, String protocol, List<String> addresses, long connections) {}

  /**
   * Whether traffic should be sent here.
   *
   * @param reasons why not, empty when ready
   */
  record Readiness(boolean ready, List<String> reasons) {}

  /**
   * A route.
   *
   * @param match the matchers that it has: {@code host}, {@code path-prefix}, …
   * @param action what it does: {@code upstream}, {@code redirect} or {@code respond}
   * @param target the upstreams with weights, the location, or the status
   * @param middleware names in the order they run
   */
  record RouteView(
      int index,
      String name,
      Map<String, String> match,
      String action,
      List<String> target,
      List<String> middleware) {}

  /**
   * An upstream.
   *
   * @param balancer the type
   * @param pending exchanges that wait for a connection or a permit
   * @param circuitBreaker null where there is none
   * @param concurrencyLimiter null where there is none
   * @param discovery null where the configuration names the endpoints
   */
  record UpstreamView(
      String name,
      String protocol,
      String balancer,
      long pending,
      @Nullable BreakerView circuitBreaker,
      @Nullable LimiterView concurrencyLimiter,
      @Nullable DiscoveryView discovery,
      List<EndpointView> endpoints) {}

  /**
   * How a circuit breaker is.
   *
   * @param state {@code closed}, {@code open} or {@code half_open}
   * @param retryAfter seconds until the next trial; 0 where it is not open
   */
  record BreakerView(String state, double retryAfter) {}

  /** How many attempts a concurrency limiter allows at once, and how many there are. */
  record LimiterView(int limit, int inFlight) {}

  /**
   * How the discovery of an upstream does.
   *
   * @param endpoints in its last good answer
   * @param lastAnswer when that came, or null before the first
   * @param problem why the last question failed; null when it did not
   */
  record DiscoveryView(
      String type, int endpoints, @Nullable Instant lastAnswer, @Nullable String problem) {}

  /** What active checks say. */
  enum Health {
    HEALTHY,
    UNHEALTHY,
    /** No check has ended yet, or there is none. */
    UNKNOWN
  }

  /** What the operator says. */
  enum EndpointState {
    ENABLED,
    /** Gets no new attempts; its idle connections are closed. */
    DISABLED,
    /** Gets no new attempts; those that run may end. */
    DRAINING
  }

  /**
   * An endpoint.
   *
   * @param host what it calls itself; null for the host of its address
   * @param priority 0 for those that serve first
   * @param ejected by outlier detection, for this reason; null when it is not
   * @param ejectedUntil when it comes back unless it is ejected again; null when it is not out
   * @param effectiveWeight what balancers weigh by now, less than {@code weight} in slow start
   * @param active attempts in flight
   * @param connections open ones
   * @param streams requests that are open on those of HTTP/2
   * @param tlsProblem why the last handshake failed; null when it did not
   * @param lastProbe null before the first
   * @param latency null before the first attempt, or where it is not measured
   */
  record EndpointView(
      String id,
      @Nullable String host,
      Health health,
      EndpointState state,
      @Nullable String ejected,
      @Nullable Instant ejectedUntil,
      int weight,
      double effectiveWeight,
      @Nullable String zone,
      boolean backup,
      int priority,
      int active,
      int connections,
      int streams,
      @Nullable String tlsProblem,
      @Nullable ProbeView lastProbe,
      @Nullable LatencyView latency) {}

  /**
   * What active checks found.
   *
   * @param at when the last one ended
   * @param healthy whether it passed
   * @param since when the endpoint became healthy, or unhealthy
   * @param passed checks so far that passed
   * @param failed checks so far that did not
   */
  record ProbeView(
      Instant at, boolean healthy, String detail, Instant since, long passed, long failed) {}

  /** Quantiles of the time of attempts. */
  record LatencyView(Duration p50, Duration p99) {}

  /**
   * A plugin.
   *
   * @param source the jar or folder
   * @param keys of its configuration
   */
  record PluginView(
      String kind, String type, String source, String apiVersion, List<String> keys) {}

  /**
   * What would become of a request.
   *
   * @param route null when none matches
   * @param report lines for people
   */
  record Explanation(@Nullable String route, List<String> report) {}

  /**
   * What became of a reload.
   *
   * @param generation that serves now
   * @param changes what the new configuration changed
   * @param problems why it was refused; empty when it was taken
   */
  record ReloadResult(long generation, List<String> changes, List<String> problems) {}

  /**
   * An endpoint as the admin API sets it.
   *
   * @param weight 1 to 65,535
   */
  record EndpointSettings(int weight, @Nullable String zone, boolean backup) {}

  /**
   * What became of a change to an endpoint.
   *
   * @param message for people
   */
  record Change(Result result, String message) {

    /** The ways it can go. */
    public enum Result {
      /** It is so now. */
      DONE,
      /** The endpoint was not there and is now. */
      CREATED,
      /** There is no such upstream or endpoint. */
      NOT_FOUND,
      /** It cannot be: the address is none, or it is the last endpoint. */
      REFUSED
    }
  }
}
