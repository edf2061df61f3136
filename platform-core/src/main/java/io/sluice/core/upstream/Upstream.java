package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.core.observe.Counter;
import io.sluice.core.observe.Histogram;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import io.sluice.core.observe.PluginFailures;
import io.sluice.core.transport.LoopContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named group of endpoints with its policies. Event loops ask it {@link #pick} and use the pool
 * of their own; who may be picked is worked out elsewhere, on the control thread, and published as
 * one immutable value.
 */
public final class Upstream {

  private static final Logger log = LoggerFactory.getLogger(Upstream.class);

  private final UpstreamConfig config;
  private final UpstreamPlugins plugins;
  private final UpstreamServices services;
  private final Eligibility eligibility;
  private final Permits permits;
  private final AttemptGate gate;
  private final LoopPool[] pools;
  private final MeterScope meters;
  private final Histogram attemptDuration;
  private final Map<EndpointState, AttemptMeters> attemptMeters = new ConcurrentHashMap<>();
  private final Map<Retry, Counter> retries = new EnumMap<>(Retry.class);
  private final PluginFailures discoveryFailures;
  private final @Nullable HealthMonitor monitor;

  private volatile List<EndpointState> endpoints = List.of();
  private Set<EndpointState> owned = Set.of();
  private boolean resolved;
  private volatile boolean retired;
  private @Nullable Ejections ejections;

  /** An upstream with no endpoints yet: {@link #start} brings them. */
  public Upstream(UpstreamConfig config, UpstreamPlugins plugins, UpstreamServices services) {
    this.config = config;
    this.plugins = plugins;
    this.services = services;
    LoadBalancer balancer =
        Objects.requireNonNull(plugins.balancer(), "a problem was recorded for it");
    this.meters = services.meters().scope();
    Rejections rejections = new Rejections(meters, config.name());
    this.permits = new Permits(config.limits(), rejections);
    this.gate = new AttemptGate(config, plugins, balancer, rejections, meters);
    this.eligibility =
        new Eligibility(
            config, balancer, gate.balancerFailures(), System::nanoTime, this::stepAfter);
    this.discoveryFailures =
        new PluginFailures(meters, "upstreams." + config.name() + ".discovery");
    this.pools =
        services.loops().contexts().stream()
            .map(
                loop -> new LoopPool(permits, loop, services.loops(), config, services.resolvers()))
            .toArray(LoopPool[]::new);
    permits.pools(pools);
    this.attemptDuration = meters.histogram(MetricNames.ATTEMPT_DURATION, "upstream", name());
    for (Retry result : Retry.values()) {
      String label = result.name().toLowerCase(Locale.ROOT);
      retries.put(result, meters.counter(MetricNames.RETRIES, "upstream", name(), "result", label));
    }
    meters.gauge(
        MetricNames.UPSTREAM_CONNECTIONS,
        () -> permits.connections() - idleConnections(),
        "upstream",
        name(),
        "state",
        "active");
    meters.gauge(
        MetricNames.UPSTREAM_CONNECTIONS,
        this::idleConnections,
        "upstream",
        name(),
        "state",
        "idle");
    meters.gauge(MetricNames.UPSTREAM_PENDING, permits::waiting, "upstream", name());
    meters.gauge(MetricNames.UPSTREAM_PANIC, () -> eligibility.panic() ? 1 : 0, "upstream", name());
    this.monitor =
        plugins.healthCheck() == null
            ? null
            : new HealthMonitor(
                this,
                plugins.healthCheck(),
                plugins.health(),
                new Prober(services.loops(), services.resolvers()),
                services);
  }

  private int idleConnections() {
    int idle = 0;
    for (LoopPool pool : pools) {
      idle += pool.idleCount();
    }
    return idle;
  }

  /**
   * Begins. On the configuration thread.
   *
   * @param predecessor the upstream of that name in the last generation: what is known of endpoints
   *     that both have is carried over
   */
  public void start(@Nullable Upstream predecessor) {
    ZoneAware zones = config.selection().zoneAware();
    if (zones != null && zones.zone().isEmpty()) {
      log.warn("zone-aware of {} has no effect: runtime.zone does not say where we stand", name());
    }
    if (config.sticky() != null && config.sticky().secret() == null) {
      log.warn(
          "sticky of {} has no secret: its cookies end with this process and differ between proxies",
          name());
    }
    if (plugins.outliers() != null) {
      ejections = new Ejections(this, plugins.ejectable(), services.control(), meters);
      try {
        plugins.outliers().start(ejections);
      } catch (Throwable e) {
        gate.outlierFailures().record("start", e);
      }
    }
    EndpointDiscovery discovery = plugins.discovery();
    if (discovery == null) {
      resolved = true;
      endpoints(config.endpoints(), predecessor == null ? List.of() : predecessor.endpoints);
    } else {
      if (predecessor != null) {
        adopt(predecessor.endpoints);
      }
      try {
        discovery.start(new Found());
      } catch (Throwable e) {
        discoveryFailures.record("start", e);
      }
    }
  }

  /** What discovery reports. */
  private final class Found implements EndpointDiscovery.Listener {
    private boolean failing;

    @Override
    public void onEndpoints(List<EndpointDiscovery.EndpointSpec> found) {
      List<EndpointConfig> configs = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (EndpointDiscovery.EndpointSpec spec : found) {
        if (spec.port() < 1
            || spec.port() > 65_535
            || spec.weight() < 1
            || spec.weight() > 65_535) {
          onError("it found what cannot be: " + spec, null);
          return;
        }
        EndpointAddress address = new EndpointAddress(spec.host(), spec.port(), "");
        if (seen.add(address.id())) {
          configs.add(
              new EndpointConfig(address, spec.weight(), spec.zone(), spec.backup() ? 1 : 0));
        }
      }
      failing = false;
      services
          .control()
          .execute(
              () -> {
                resolved = true;
                endpoints(configs, endpoints);
              });
    }

    @Override
    public void onError(String problem, @Nullable Throwable cause) {
      if (!failing) {
        failing = true;
        log.warn("discovery of {} failed, keeping what is known: {}", name(), problem);
      }
    }
  }

  private synchronized void adopt(List<EndpointState> known) {
    endpoints = known;
    changed();
  }

  private synchronized void endpoints(List<EndpointConfig> wanted, List<EndpointState> known) {
    Map<String, EndpointState> before = new LinkedHashMap<>();
    known.forEach(endpoint -> before.put(endpoint.id(), endpoint));
    List<EndpointState> now = new ArrayList<>();
    for (EndpointConfig endpoint : wanted) {
      EndpointState state = before.remove(endpoint.address().id());
      if (state == null) {
        state = new EndpointState(endpoint, plugins.health().initiallyHealthy());
      } else {
        state.configure(endpoint);
      }
      if (plugins.healthCheck() == null) {
        state.healthy(true);
      }
      inheritEjection(state);
      now.add(state);
    }
    Map<String, EndpointState> gone = before;
    endpoints = Collections.unmodifiableList(now);
    owned = Set.copyOf(now);
    now.forEach(this::meter);
    for (EndpointState removed : gone.values()) {
      AttemptMeters gauges = attemptMeters.remove(removed);
      if (gauges != null) {
        gauges.close();
      }
      if (ejections != null) {
        ejections.forget(removed);
      }
      for (LoopPool pool : pools) {
        pool.loop().loop().execute(() -> pool.forget(removed));
      }
    }
    if (monitor != null) {
      monitor.endpoints(now);
    }
    if (plugins.outliers() != null && !retired) { // a successor's detector compares what both share
      try {
        plugins.outliers().onEndpoints(List.copyOf(now));
      } catch (Throwable e) {
        gate.outlierFailures().record("onEndpoints", e);
      }
    }
    changed();
  }

  /** The timer that would bring it back belongs to who ejected it: takes over, or forgives. */
  private void inheritEjection(EndpointState endpoint) {
    if (!endpoint.ejected() || owned.contains(endpoint)) {
      return;
    }
    if (ejections == null) {
      endpoint.ejection(null);
    } else {
      ejections.inherit(endpoint);
    }
  }

  private void meter(EndpointState endpoint) {
    attemptMeters.computeIfAbsent(
        endpoint, added -> new AttemptMeters(services.meters().scope(), name(), added));
  }

  /** Works out anew who may be picked. Never on an event loop. */
  synchronized void changed() {
    eligibility.update(endpoints);
  }

  private void stepAfter(long nanos) {
    if (!retired) {
      services.control().schedule(this::step, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void step() {
    eligibility.step(endpoints);
  }

  /** The name. */
  public String name() {
    return config.name();
  }

  /** What it was configured as. */
  public UpstreamConfig config() {
    return config;
  }

  /** Its policies. */
  public UpstreamPlugins plugins() {
    return plugins;
  }

  /** Every endpoint, eligible or not. */
  public List<EndpointState> endpoints() {
    return endpoints;
  }

  /** How many endpoints may be picked. */
  public int eligible() {
    return eligibility.count();
  }

  /** Whether what {@code require-at-start} asks for is there. */
  public boolean ready() {
    return switch (config.requireAtStart()) {
      case NONE -> true;
      case RESOLVED -> resolved && !endpoints.isEmpty();
      case HEALTHY -> eligible() > 0;
    };
  }

  /** The pool of one event loop. */
  public LoopPool pool(LoopContext loop) {
    return pools[loop.index()];
  }

  /** What brings clients back to the endpoint that answered them, or null. */
  public @Nullable Sticky sticky() {
    return eligibility.sticky();
  }

  /** When to try again, or null for never. */
  public @Nullable RetryPolicy retry() {
    return plugins.retry();
  }

  /** Attempts in flight. */
  public long inFlight() {
    return gate.inFlight();
  }

  /** Attempts that wait for a connection. */
  public int pending() {
    return permits.waiting();
  }

  /** Open connections. */
  public int connections() {
    return permits.connections();
  }

  /** The distribution of the attempts' durations. */
  public Histogram attemptDuration() {
    return attemptDuration;
  }

  /**
   * The endpoint for an attempt, or null when there is none. On an event loop. An endpoint that the
   * request excludes is answered only where every other one is excluded too.
   *
   * @throws ProxyError when the balancer fails
   */
  public @Nullable EndpointState pick(PickRequest request) {
    return eligibility.pick(request);
  }

  /**
   * Whether one more attempt had better go elsewhere: it would be refused by the bound on one
   * endpoint, or wait there for a connection. On HTTP/1.1 every attempt needs one of its own.
   */
  public boolean isFull(Endpoint endpoint) {
    return !hasRoom(endpoint) || endpoint.activeRequests() >= config.limits().endpointConnections();
  }

  /** Whether one more attempt may go to {@code endpoint} by the bound on one endpoint. */
  public boolean hasRoom(Endpoint endpoint) {
    return endpoint.activeRequests() < config.limits().endpointRequests();
  }

  /**
   * Takes an attempt's permits. A null is followed by exactly one {@link #attemptEnded}.
   *
   * @param priority for the concurrency limiter: 0 is most important
   * @return null, or why it may not go
   */
  public @Nullable ErrorKind tryAttempt(
      EndpointState endpoint, AttemptResult attempt, int priority) {
    return gate.tryEnter(endpoint, attempt, priority);
  }

  /**
   * How long the client should wait before it tries again, for what {@link #tryAttempt} answered; 0
   * where nothing better is known than "a moment".
   */
  public long retryAfterNanos(ErrorKind refused) {
    return gate.retryAfterNanos(refused);
  }

  /**
   * The attempt turned into a tunnel: what there was to learn about the endpoint is known, and the
   * limiter gets its permit back. {@link #attemptEnded} comes nevertheless, at the end.
   */
  public void tunnelBegan(AttemptResult attempt) {
    gate.settle(attempt);
  }

  /** What became of the wish to try again. */
  public enum Retry {
    /** Another attempt was made. */
    RETRIED,
    /** The most attempts had been made. */
    EXHAUSTED,
    /** The policy said no: its conditions or its budget. */
    REFUSED
  }

  /** Counts what became of the wish to try again. */
  public void countRetry(Retry result) {
    Objects.requireNonNull(retries.get(result)).increment();
  }

  /** Gives the permits back and tells every policy how it went. On the attempt's event loop. */
  public void attemptEnded(EndpointState endpoint, AttemptResult attempt) {
    if (!gate.left(endpoint, attempt)) {
      return;
    }
    attemptDuration.record(attempt.durationNanos());
    AttemptMeters counts = attemptMeters.get(endpoint);
    if (counts != null) {
      counts.count(attempt);
    }
  }

  /** An active check passed. On the control thread. */
  void onHealthy(EndpointState endpoint) {
    if (plugins.outliers() != null) {
      try {
        plugins.outliers().onHealthy(endpoint);
      } catch (Throwable e) {
        gate.outlierFailures().record("onHealthy", e);
      }
    }
  }

  /** Enables, disables or drains an endpoint; answers whether it is there. */
  public boolean administer(String id, EndpointState.Admin wish) {
    for (EndpointState endpoint : endpoints) {
      if (endpoint.id().equals(id)) {
        endpoint.admin(wish);
        changed();
        return true;
      }
    }
    return false;
  }

  /** Adds an endpoint or changes its settings, until the next reload. */
  public void put(EndpointConfig added) {
    List<EndpointConfig> wanted = new ArrayList<>();
    for (EndpointState endpoint : endpoints) {
      if (!endpoint.id().equals(added.address().id())) {
        wanted.add(configOf(endpoint));
      }
    }
    wanted.add(added);
    endpoints(wanted, endpoints);
  }

  /** Removes an endpoint until the next reload; answers whether it was there. */
  public boolean remove(String id) {
    List<EndpointConfig> wanted =
        endpoints.stream()
            .filter(endpoint -> !endpoint.id().equals(id))
            .map(Upstream::configOf)
            .toList();
    if (wanted.size() == endpoints.size()) {
      return false;
    }
    endpoints(wanted, endpoints);
    return true;
  }

  private static EndpointConfig configOf(EndpointState endpoint) {
    return new EndpointConfig(
        endpoint.address(), endpoint.weight(), endpoint.zone(), endpoint.priority());
  }

  /**
   * A successor of the same name serves: stops deciding about endpoints that both may share.
   * Attempts under way go on.
   */
  public void retire() {
    retired = true;
    if (monitor != null) {
      monitor.close();
    }
    if (ejections != null) {
      ejections.close();
    }
  }

  /** Nothing uses it any longer: closes what it holds. The plugins are closed by their owner. */
  public void close() {
    retired = true;
    if (plugins.discovery() != null) {
      try {
        plugins.discovery().close();
      } catch (Throwable e) {
        discoveryFailures.record("close", e);
      }
    }
    if (monitor != null) {
      monitor.close();
    }
    if (ejections != null) {
      ejections.close();
    }
    for (LoopPool pool : pools) {
      pool.loop().loop().execute(pool::retire);
    }
    attemptMeters.values().forEach(AttemptMeters::close);
    meters.close();
  }
}
