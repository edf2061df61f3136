package io.sluice.core.observe;

import static io.sluice.core.observe.MeterType.COUNTER;
import static io.sluice.core.observe.MeterType.GAUGE;
import static io.sluice.core.observe.MeterType.HISTOGRAM;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The platform's own meters: names, types, labels and meanings. {@code docs/metrics.md} is made
 * from this table. Constants are names to ask a {@link MeterScope} for.
 */
public final class MetricNames {

  /** By name, without the suffix of counters. */
  private static final Map<String, Described> ALL = new LinkedHashMap<>();

  /** Exchanges that ended. */
  public static final String REQUESTS =
      counter(
          "sluice_requests_total",
          "Exchanges that ended, by the status that the client was sent.",
          "listener",
          "route",
          "upstream",
          "status");

  /** Whole exchanges. */
  public static final String REQUEST_DURATION =
      latency(
          "sluice_request_duration_seconds",
          "Time from the first octet of a request to the end of its exchange.",
          "route");

  /** The proxy's own share before the upstream. */
  public static final String REQUEST_PROCESSING =
      processing(
          "sluice_request_processing_seconds",
          "Time from a request head being read to its being forwarded.");

  /** The proxy's own share behind the upstream. */
  public static final String RESPONSE_PROCESSING =
      processing(
          "sluice_response_processing_seconds",
          "Time from a response head being read to its being forwarded.");

  /** Attempts that ended. */
  public static final String ATTEMPTS =
      counter(
          "sluice_attempts_total",
          "Tries at endpoints that ended, by outcome: success, server_error (a 5xx status),"
              + " cancelled, or the error's kind.",
          "upstream",
          "endpoint",
          "outcome");

  /** Whole attempts. */
  public static final String ATTEMPT_DURATION =
      latency(
          "sluice_attempt_duration_seconds",
          "Time from the start of a try at an endpoint to its end.",
          "upstream");

  /** Retries. */
  public static final String RETRIES =
      counter(
          "sluice_retries_total",
          "Decisions to try again, by what came of them.",
          "upstream",
          "result");

  /** Hedges. */
  public static final String HEDGES =
      counter(
          "sluice_hedges_total",
          "Requests that got no response in time for one endpoint only, by what came of the second:"
              + " won, lost, failed, cancelled, or none was sent: no_budget, no_room, no_endpoint.",
          "upstream",
          "result");

  /** Active health. */
  public static final String ENDPOINT_UP =
      gauge(
          "sluice_endpoint_up",
          "1 while the endpoint counts as healthy, else 0.",
          "upstream",
          "endpoint");

  /** Probes. */
  public static final String HEALTH_CHECKS =
      counter(
          "sluice_health_checks_total",
          "Active checks that ended, by result: passed, failed or timeout.",
          "upstream",
          "endpoint",
          "result");

  /** Passive health. */
  public static final String ENDPOINT_EJECTED =
      gauge(
          "sluice_endpoint_ejected",
          "1 while outlier detection keeps the endpoint out, else 0.",
          "upstream",
          "endpoint");

  /** Ejections. */
  public static final String EJECTIONS =
      counter(
          "sluice_ejections_total",
          "Times that outlier detection took the endpoint out, by reason.",
          "upstream",
          "endpoint",
          "reason");

  /** Ejections that a bound forbade. */
  public static final String EJECTIONS_REFUSED =
      counter(
          "sluice_ejections_refused_total",
          "Times that outlier detection wanted the endpoint out and max-ejected, or that no other"
              + " endpoint would be left, forbade it.",
          "upstream",
          "endpoint",
          "reason");

  /** Limits. */
  public static final String LIMIT_REJECTIONS =
      counter(
          "sluice_limit_rejections_total",
          "Attempts that a limit of the upstream turned away, by the key of that limit.",
          "upstream",
          "limit");

  /** Plugins that throw. */
  public static final String PLUGIN_FAILURES =
      counter(
          "sluice_plugin_failures_total",
          "Calls of a plugin that threw, by where the plugin stands in the configuration.",
          "plugin");

  /** Discovery that fails. */
  public static final String DISCOVERY_ERRORS =
      counter(
          "sluice_discovery_errors_total",
          "Times that an upstream's discovery could not say which endpoints there are.",
          "upstream");

  /** What discovery found. */
  public static final String DISCOVERY_ENDPOINTS =
      gauge(
          "sluice_discovery_endpoints",
          "Endpoints in the last good answer of an upstream's discovery.",
          "upstream");

  /** When discovery last worked. */
  public static final String DISCOVERY_LAST_ANSWER =
      gauge(
          "sluice_discovery_last_answer_timestamp_seconds",
          "When an upstream's discovery last answered, in seconds since 1970; 0 before the first"
              + " answer.",
          "upstream");

  /** Pools. */
  public static final String UPSTREAM_CONNECTIONS =
      gauge(
          "sluice_upstream_connections",
          "Open connections to the upstream's endpoints, by state: active or idle.",
          "upstream",
          "state");

  /** What shares those of HTTP/2. */
  public static final String UPSTREAM_STREAMS =
      gauge(
          "sluice_upstream_streams",
          "Requests that are open on HTTP/2 connections to the upstream's endpoints.",
          "upstream");

  /** Queues. */
  public static final String UPSTREAM_PENDING =
      gauge(
          "sluice_upstream_pending",
          "Exchanges that wait for a connection or a permit.",
          "upstream");

  /** Panic. */
  public static final String UPSTREAM_PANIC =
      gauge(
          "sluice_upstream_panic",
          "1 while endpoints serve that are not eligible, because too few are, else 0.",
          "upstream");

  /** Accepted connections. */
  public static final String DOWNSTREAM_CONNECTIONS =
      gauge(
          "sluice_downstream_connections",
          "Open connections from clients.",
          "listener",
          "protocol");

  /** Handshakes of TLS listeners. */
  public static final String TLS_HANDSHAKES =
      counter(
          "sluice_tls_handshakes_total",
          "TLS handshakes with clients, by how they ended: success, failure, timeout, plaintext"
              + " (the client spoke plain HTTP) or abandoned (it left).",
          "listener",
          "result");

  /** Tunnels so far. */
  public static final String TCP_CONNECTIONS =
      counter(
          "sluice_tcp_connections_total",
          "Connections accepted by listeners of protocol tcp or tls-passthrough.",
          "listener");

  /** Tunnels now. */
  public static final String TCP_CONNECTIONS_ACTIVE =
      gauge(
          "sluice_tcp_connections_active",
          "Open connections of listeners of protocol tcp or tls-passthrough.",
          "listener");

  /** Traffic. */
  public static final String BYTES =
      counter(
          "sluice_bytes_total",
          "Octets exchanged with clients; in: from them, out: to them.",
          "listener",
          "direction");

  /** Cache lookups. */
  public static final String CACHE_REQUESTS =
      counter("sluice_cache_requests_total", "Lookups in a cache, by result.", "cache", "result");

  /** Rate limiting. */
  public static final String RATE_LIMITED =
      counter("sluice_rate_limited_total", "Exchanges answered 429 by a rate limit.", "middleware");

  /** Generation. */
  public static final String CONFIG_GENERATION =
      gauge("sluice_config_generation", "The number of the configuration that serves.");

  /** Reload. */
  public static final String CONFIG_LAST_RELOAD_SUCCESS =
      gauge(
          "sluice_config_last_reload_success",
          "1 when the last reload was taken, 0 when it was refused.");

  /** Middleware cost. */
  public static final String MIDDLEWARE =
      processing(
          "sluice_middleware_seconds",
          "Time spent in one middleware's request phase, for a sample of the exchanges.",
          "middleware");

  /** Access logs that fail. */
  public static final String ACCESS_LOG_FAILURES =
      counter(
          "sluice_access_log_failures_total",
          "Records that an access log failed to take.",
          "access_log");

  /** Netty's memory. */
  public static final String BUFFER_BYTES =
      gauge(
          "sluice_buffer_bytes",
          "Memory that the buffer allocator holds, by kind: direct or heap.",
          "kind");

  /** Netty's memory. */
  public static final String BUFFER_USED_BYTES =
      gauge("sluice_buffer_used_bytes", "Memory of the buffers that are in use.");

  /** Build. */
  public static final String BUILD_INFO =
      gauge("sluice_build_info", "1; what is running.", "version", "commit", "java");

  private MetricNames() {}

  /**
   * One meter of the platform.
   *
   * @param buckets of a histogram; for the other types unused
   */
  record Described(
      String name, MeterType type, Buckets buckets, String help, List<String> labels) {}

  static Collection<Described> all() {
    return Collections.unmodifiableCollection(ALL.values());
  }

  /** A new family; one of a plugin has no help and latency buckets. */
  static Family family(String exposedName, MeterType askedFor) {
    @Nullable Described known = ALL.get(Family.baseName(exposedName));
    return known == null
        ? new Family(exposedName, askedFor, Buckets.LATENCY, null)
        : new Family(known.name(), known.type(), known.buckets(), known.help());
  }

  private static String counter(String name, String help, String... labels) {
    return define(new Described(name, COUNTER, Buckets.LATENCY, help, List.of(labels)));
  }

  private static String gauge(String name, String help, String... labels) {
    return define(new Described(name, GAUGE, Buckets.LATENCY, help, List.of(labels)));
  }

  private static String latency(String name, String help, String... labels) {
    return define(new Described(name, HISTOGRAM, Buckets.LATENCY, help, List.of(labels)));
  }

  private static String processing(String name, String help, String... labels) {
    return define(new Described(name, HISTOGRAM, Buckets.PROCESSING, help, List.of(labels)));
  }

  private static String define(Described described) {
    ALL.put(Family.baseName(described.name()), described);
    return described.name();
  }
}
