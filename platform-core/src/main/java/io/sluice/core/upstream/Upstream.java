package io.sluice.core.upstream;

import io.netty.channel.EventLoop;
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
import io.sluice.core.transport.tls.ClientTls;
import io.sluice.core.transport.tls.ClientTlsConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
  private final @Nullable ClientTls tls;
  private final MeterScope meters;
  private final Histogram attemptDuration;
  private final Map<EndpointState, AttemptMeters> attemptMeters = new ConcurrentHashMap<>();
  private final Map<Retry, Counter> retries = new EnumMap<>(Retry.class);
  private final PluginFailures discoveryFailures;
  private final @Nullable HealthMonitor monitor;
  private final @Nullable Hedging hedging;

  private volatile List<EndpointState> endpoints = List.of();
  private final @Nullable Discovered discovered;
  private final Overrides overrides = new Overrides();
  private List<EndpointConfig> named = List.of();
  private Set<EndpointState> owned = Set.of();
  private volatile boolean resolved;
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
    this.permits = new Permits(config.limits(), config.multiplexes(), rejections);
    this.tls = tls();
    this.gate = new AttemptGate(config, plugins, balancer, rejections, meters);
    this.eligibility =
        new Eligibility(
            config, balancer, gate.balancerFailures(), System::nanoTime, this::stepAfter);
    this.discoveryFailures =
        new PluginFailures(meters, "upstreams." + config.name() + ".discovery");
    this.pools =
        services.loops().contexts().stream()
            .map(
                loop ->
                    new LoopPool(
                        permits, loop, services.loops(), config, tls, services.resolvers()))
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
    meters.gauge(MetricNames.UPSTREAM_STREAMS, this::openStreams, "upstream", name());
    meters.gauge(MetricNames.UPSTREAM_PENDING, permits::waiting, "upstream", name());
    meters.gauge(MetricNames.UPSTREAM_PANIC, () -> eligibility.panic() ? 1 : 0, "upstream", name());
    this.discovered =
        plugins.discovery() == null
            ? null
            : new Discovered(name(), services.control(), meters, this::name);
    HedgeConfig hedge = config.hedge() == null ? null : config.hedge().config();
    this.hedging = hedge == null ? null : hedging(hedge, meters);
    this.monitor =
        plugins.healthCheck() == null
            ? null
            : new HealthMonitor(
                this,
                plugins.healthCheck(),
                plugins.health(),
                new Prober(services.loops(), services.resolvers(), config, tls),
                services);
  }

  /** Null where no endpoint can want it. */
  private @Nullable ClientTls tls() {
    ClientTlsConfig settings = config.tls();
    if (settings == null
        && config.endpoints().stream().noneMatch(endpoint -> endpoint.address().secure())) {
      return null;
    }
    return new ClientTls(
        new ClientTls.Setting(
            name(),
            settings == null ? ClientTlsConfig.DEFAULT : settings,
            services.tlsProvider(),
            services.control(),
            services.blocking(),
            config.applicationProtocols()),
        plugins.clientCertificate());
  }

  /** Hedging as {@code config} says, for this upstream or for a route that leads to it. */
  public Hedging hedging(HedgeConfig config, MeterScope scope) {
    return new Hedging(config, name(), services.loops().size(), scope, services.control());
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
    if (tls != null) {
      tls.start();
    }
    ZoneAware zones = config.selection().zoneAware();
    if (zones != null && zones.zone().isEmpty()) {
      log.warn("zone-aware of {} has no effect: runtime.zone does not say where we stand", name());
    }
    if (config.sticky() != null && config.sticky().secret() == null) {
      log.warn(
          "sticky of {} has no secret: its cookies end with this process and differ between"
              + " proxies",
          name());
    }
    if (plugins.outliers() != null) {
      ejections =
          new Ejections(
              new Ejections.Owner(name(), this::endpoints, this::changed),
              plugins.ejectable(),
              services.control(),
              meters);
      try {
        plugins.outliers().start(ejections);
      } catch (Throwable e) {
        gate.outlierFailures().record("start", e);
      }
    }
    if (predecessor != null) {
      inherit(predecessor);
    }
    EndpointDiscovery discovery = plugins.discovery();
    if (discovery == null || discovered == null) {
      name(config.endpoints());
    } else {
      try {
        discovery.start(discovered);
      } catch (Throwable e) {
        discoveryFailures.record("start", e);
      }
    }
  }

  /** Serves with what the predecessor knows until there is something better. */
  private synchronized void inherit(Upstream predecessor) {
    endpoints = predecessor.handOver(overrides);
    if (discovered == null) {
      overrides.retainWishes(
          config.endpoints().stream()
              .map(endpoint -> endpoint.address().id())
              .collect(Collectors.toSet()));
    } else {
      resolved = predecessor.resolved;
      named = endpoints.stream().map(EndpointState::config).toList();
      update();
    }
  }

  /** From now on the successor decides about the endpoints. */
  private synchronized List<EndpointState> handOver(Overrides to) {
    retired = true;
    to.inherit(overrides);
    return endpoints;
  }

  /** These are the endpoints, as the configuration or discovery has them. */
  private synchronized void name(List<EndpointConfig> now) {
    if (retired) {
      return;
    }
    named = now;
    update();
    awaitAddress();
  }

  private synchronized void update() {
    Map<String, EndpointState> before = new LinkedHashMap<>();
    endpoints.forEach(endpoint -> before.put(endpoint.id(), endpoint));
    List<EndpointState> now = new ArrayList<>();
    for (EndpointConfig endpoint : overrides.over(named)) {
      EndpointState state = before.remove(endpoint.address().id());
      if (state == null) {
        state = new EndpointState(endpoint, plugins.health().initiallyHealthy());
        state.admin(overrides.wish(state.id()));
      } else {
        state.configure(endpoint);
      }
      if (plugins.healthCheck() == null) {
        state.healthy(true);
      }
      inheritEjection(state);
      now.add(state);
    }
    endpoints = Collections.unmodifiableList(now);
    owned = Set.copyOf(now);
    now.forEach(this::meter);
    before.values().forEach(this::drain);
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

  /** What is under way at a removed endpoint ends by itself; nothing else is left of it. */
  private void drain(EndpointState removed) {
    removed.gone();
    AttemptMeters gauges = attemptMeters.remove(removed);
    if (gauges != null) {
      gauges.close();
    }
    if (ejections != null) {
      ejections.forget(removed);
    }
    closeIdle(removed);
  }

  private void closeIdle(EndpointState endpoint) {
    for (LoopPool pool : pools) {
      pool.loop().loop().execute(() -> pool.forget(endpoint));
    }
  }

  /** Finds out whether {@code require-at-start = resolved} holds; asks again until it does. */
  private synchronized void awaitAddress() {
    if (resolved || retired || config.requireAtStart() != UpstreamConfig.RequireAtStart.RESOLVED) {
      return;
    }
    for (EndpointState endpoint : endpoints) {
      if (endpoint.socketAddress() instanceof InetSocketAddress name && name.isUnresolved()) {
        EventLoop loop = pools[0].loop().loop();
        loop.execute(() -> services.resolvers().resolve(loop, name, new AddressKnown()));
      } else {
        resolved = true;
      }
    }
    services.control().schedule(this::awaitAddress, 1, TimeUnit.SECONDS);
  }

  private final class AddressKnown implements Resolvers.Answered {
    @Override
    public void addresses(List<InetSocketAddress> found) {
      resolved = true;
    }

    @Override
    public void failed(Throwable cause) {
      log.debug("an endpoint of {} has no address yet", name(), cause);
    }
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

  /**
   * Works out anew who may be picked, unless a successor does: weights in slow start are its too,
   * by its own block. Never on an event loop.
   */
  synchronized void changed() {
    if (!retired) {
      eligibility.update(endpoints);
    }
  }

  private void stepAfter(long nanos) {
    if (!retired) {
      services.control().schedule(this::step, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void step() {
    if (!retired) {
      eligibility.step(endpoints);
    }
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

  private int openStreams() {
    return endpoints.stream().mapToInt(EndpointState::openStreams).sum();
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

  /** Octets of request content that are kept for another attempt. */
  public long maxReplayBytes() {
    return plugins.maxReplay();
  }

  /** When to ask a second endpoint as well, or null for never. */
  public @Nullable Hedging hedging() {
    return hedging;
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
   * endpoint, or wait there for a connection. On HTTP/1.1 every attempt needs one of its own; how
   * many share one of HTTP/2 is the endpoint's to say.
   */
  public boolean isFull(Endpoint endpoint) {
    return !hasRoom(endpoint)
        || (!config.multiplexes()
            && endpoint.activeRequests() >= config.limits().endpointConnections());
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

  /**
   * A TCP connection was made, which is all that can be known of the endpoint: whoever judges it
   * hears now, and the limiter gets its permit back. {@link #attemptEnded} comes at the end, hours
   * later perhaps.
   */
  public void connectionMade(EndpointState endpoint, AttemptResult attempt) {
    gate.connectionMade(endpoint, attempt);
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

  /** Enables, disables or drains an endpoint, until told otherwise; answers whether it is there. */
  public synchronized boolean administer(String id, EndpointState.Admin wish) {
    EndpointState endpoint = find(id);
    if (endpoint == null) {
      return false;
    }
    overrides.wish(id, wish);
    endpoint.admin(wish);
    if (wish == EndpointState.Admin.DISABLED) {
      closeIdle(endpoint);
    }
    changed();
    return true;
  }

  /** The endpoint of that id, or null. */
  public @Nullable EndpointState find(String id) {
    for (EndpointState endpoint : endpoints) {
      if (endpoint.id().equals(id)) {
        return endpoint;
      }
    }
    return null;
  }

  /**
   * Adds an endpoint or changes its settings, until a restart or a reload that changes this
   * upstream's block. What discovery says of it counts no longer.
   */
  public synchronized void put(EndpointConfig added) {
    overrides.put(added);
    update();
  }

  /**
   * Removes an endpoint until a restart or a reload that changes this upstream's block, whatever
   * discovery says; answers whether it was there.
   */
  public synchronized boolean remove(String id) {
    if (find(id) == null) {
      return false;
    }
    overrides.remove(id);
    update();
    return true;
  }

  /** What discovery says, or null where the configuration names the endpoints. */
  public @Nullable Discovered discovered() {
    return discovered;
  }

  /**
   * A successor of the same name serves: stops deciding about endpoints that both may share.
   * Attempts under way go on.
   */
  public void retire() {
    synchronized (this) {
      retired = true;
    }
    if (discovered != null) {
      discovered.close();
    }
    if (monitor != null) {
      monitor.close();
    }
    if (ejections != null) {
      ejections.close();
    }
  }

  /** Nothing uses it any longer: closes what it holds. The plugins are closed by their owner. */
  public void close() {
    synchronized (this) {
      retired = true;
    }
    if (discovered != null) {
      discovered.close();
    }
    if (monitor != null) {
      monitor.close();
    }
    if (ejections != null) {
      ejections.close();
    }
    if (hedging != null) {
      hedging.close();
    }
    for (LoopPool pool : pools) {
      pool.loop().loop().execute(pool::retire);
    }
    if (tls != null) {
      tls.close();
    }
    attemptMeters.values().forEach(AttemptMeters::close);
    meters.close();
  }
}
