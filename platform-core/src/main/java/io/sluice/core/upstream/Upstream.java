package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.PickRequest;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.core.observe.Histogram;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ClientTls;
import io.sluice.core.transport.tls.ClientTlsConfig;
import java.util.List;
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
  private final UpstreamMeters meters;
  private final Permits permits;
  private final AttemptGate gate;
  private final LoopPool[] pools;
  private final EndpointSet endpoints;
  private final Eligibility eligibility;
  private final @Nullable ClientTls tls;
  private final @Nullable Hedging hedging;

  /** An upstream with no endpoints yet: {@link #start} brings them. */
  public Upstream(UpstreamConfig config, UpstreamPlugins plugins, UpstreamServices services) {
    this.config = config;
    this.plugins = plugins;
    this.services = services;
    this.meters = new UpstreamMeters(services.meters(), config.name());
    Rejections rejections = new Rejections(meters.scope(), config.name());
    this.permits = new Permits(config.limits(), config.multiplexes(), rejections);
    this.tls = tls();
    this.gate = new AttemptGate(config, plugins, rejections, meters.scope());
    this.pools =
        services.loops().contexts().stream()
            .map(
                loop ->
                    new LoopPool(
                        permits, loop, services.loops(), config, tls, services.resolvers()))
            .toArray(LoopPool[]::new);
    permits.pools(pools);
    this.endpoints = new EndpointSet(config, plugins, services, gate, meters, pools, tls);
    this.eligibility = endpoints.eligibility();
    HedgeConfig hedge = config.hedge() == null ? null : config.hedge().config();
    this.hedging = hedge == null ? null : hedging(hedge, meters.scope());
    meters.show(this);
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
    endpoints.start(predecessor == null ? null : predecessor.endpoints);
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
    return endpoints.all();
  }

  /** Streams of HTTP/2 in use. */
  int openStreams() {
    return endpoints.all().stream().mapToInt(EndpointState::openStreams).sum();
  }

  /** How many endpoints may be picked. */
  public int eligible() {
    return eligibility.count();
  }

  /** Whether endpoints serve that are not eligible, because too few are. */
  boolean panic() {
    return eligibility.panic();
  }

  /** Whether what {@code require-at-start} asks for is there. */
  public boolean ready() {
    return endpoints.ready();
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

  /** Open connections that nobody uses. */
  int idleConnections() {
    int idle = 0;
    for (LoopPool pool : pools) {
      idle += pool.idleCount();
    }
    return idle;
  }

  /** The distribution of the attempts' durations. */
  public Histogram attemptDuration() {
    return meters.attemptDuration();
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
    meters.countRetry(result);
  }

  /** Gives the permits back and tells every policy how it went. On the attempt's event loop. */
  public void attemptEnded(EndpointState endpoint, AttemptResult attempt) {
    if (gate.left(endpoint, attempt)) {
      meters.count(endpoint, attempt);
    }
  }

  /** Enables, disables or drains an endpoint, until told otherwise; answers whether it is there. */
  public boolean administer(String id, EndpointState.Admin wish) {
    return endpoints.administer(id, wish);
  }

  /** The endpoint of that id, or null. */
  public @Nullable EndpointState find(String id) {
    return endpoints.find(id);
  }

  /**
   * Adds an endpoint or changes its settings, until a restart or a reload that changes this
   * upstream's block. What discovery says of it counts no longer.
   */
  public void put(EndpointConfig added) {
    endpoints.put(added);
  }

  /**
   * Removes an endpoint until a restart or a reload that changes this upstream's block, whatever
   * discovery says; answers whether it was there.
   */
  public boolean remove(String id) {
    return endpoints.remove(id);
  }

  /** What discovery says, or null where the configuration names the endpoints. */
  public @Nullable Discovered discovered() {
    return endpoints.discovered();
  }

  /**
   * A successor of the same name serves: stops deciding about endpoints that both may share.
   * Attempts under way go on.
   */
  public void retire() {
    endpoints.retire();
  }

  /** Nothing uses it any longer: closes what it holds. The plugins are closed by their owner. */
  public void close() {
    endpoints.retire();
    if (hedging != null) {
      hedging.close();
    }
    for (LoopPool pool : pools) {
      pool.loop().loop().execute(pool::retire);
    }
    if (tls != null) {
      tls.close();
    }
    meters.close();
  }
}
