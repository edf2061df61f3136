package io.sluice.core.upstream;

import io.netty.channel.EventLoop;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.core.observe.PluginFailures;
import io.sluice.core.transport.tls.ClientTls;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of one upstream: those that the configuration or discovery names, with what an
 * operator changed. Everyone who follows them (checks, outlier detection, meters, pools) is told
 * here, and {@link Eligibility} is kept up to date.
 *
 * <p>Changes happen under its lock, never on an event loop; anyone reads. Endpoints are shared with
 * the upstream's successor in the next generation: once that has them, this one decides nothing.
 */
final class EndpointSet {

  private static final Logger log = LoggerFactory.getLogger(EndpointSet.class);

  private final UpstreamConfig config;
  private final UpstreamPlugins plugins;
  private final UpstreamServices services;
  private final UpstreamMeters meters;
  private final LoopPool[] pools;
  private final Eligibility eligibility;
  private final Outliers outliers;
  private final @Nullable HealthMonitor monitor;
  private final @Nullable Discovered discovered;
  private final PluginFailures discoveryFailures;
  private final Overrides overrides = new Overrides();

  private volatile List<EndpointState> all = List.of();
  private volatile boolean resolved;
  private volatile boolean retired;
  private List<EndpointConfig> named = List.of();
  private Set<EndpointState> owned = Set.of();

  /** Empty until {@link #start}. */
  EndpointSet(
      UpstreamConfig config,
      UpstreamPlugins plugins,
      UpstreamServices services,
      AttemptGate gate,
      UpstreamMeters meters,
      LoopPool[] pools,
      @Nullable ClientTls tls) {
    this.config = config;
    this.plugins = plugins;
    this.services = services;
    this.meters = meters;
    this.pools = pools;
    this.eligibility =
        new Eligibility(
            config,
            Objects.requireNonNull(plugins.balancer(), "a problem was recorded for it"),
            gate.balancerFailures(),
            System::nanoTime,
            this::stepAfter);
    this.outliers =
        new Outliers(
            plugins.outliers(),
            new Ejections(
                new Ejections.Owner(config.name(), this::all, this::changed),
                plugins.ejectable(),
                services.control(),
                meters.scope()),
            gate.outlierFailures());
    this.monitor =
        plugins.healthCheck() == null
            ? null
            : new HealthMonitor(
                this,
                plugins.healthCheck(),
                plugins.health(),
                new Prober(services.loops(), services.resolvers(), config, tls),
                services);
    this.discoveryFailures =
        new PluginFailures(meters.scope(), "upstreams." + config.name() + ".discovery");
    this.discovered =
        plugins.discovery() == null
            ? null
            : new Discovered(config.name(), services.control(), meters.scope(), this::name);
  }

  /** Begins. On the configuration thread. */
  void start(@Nullable EndpointSet predecessor) {
    outliers.start();
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
  private synchronized void inherit(EndpointSet predecessor) {
    all = predecessor.handOver(overrides);
    if (discovered == null) {
      overrides.retainWishes(
          config.endpoints().stream()
              .map(endpoint -> endpoint.address().id())
              .collect(Collectors.toSet()));
    } else {
      resolved = predecessor.resolved;
      named = all.stream().map(EndpointState::config).toList();
      update();
    }
  }

  /** From now on the successor decides about the endpoints. */
  private synchronized List<EndpointState> handOver(Overrides to) {
    retired = true;
    to.inherit(overrides);
    return all;
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
    all.forEach(endpoint -> before.put(endpoint.id(), endpoint));
    List<EndpointState> now = new ArrayList<>();
    for (EndpointConfig endpoint : overrides.over(named)) {
      now.add(state(endpoint, before.remove(endpoint.address().id())));
    }
    all = Collections.unmodifiableList(now);
    owned = Set.copyOf(now);
    now.forEach(meters::add);
    before.values().forEach(this::drain);
    if (monitor != null) {
      monitor.endpoints(now);
    }
    if (!retired) { // a successor's detector compares what both share
      outliers.endpoints(now);
    }
    changed();
  }

  private EndpointState state(EndpointConfig endpoint, @Nullable EndpointState before) {
    EndpointState state = before;
    if (state == null) {
      state = new EndpointState(endpoint, plugins.health().initiallyHealthy());
      state.admin(overrides.wish(state.id()));
    } else {
      state.configure(endpoint);
    }
    if (plugins.healthCheck() == null) {
      state.healthy(true);
    }
    if (state.ejected() && !owned.contains(state)) {
      outliers.inherit(state);
    }
    return state;
  }

  /** What is under way at a removed endpoint ends by itself; nothing else is left of it. */
  private void drain(EndpointState removed) {
    removed.gone();
    meters.remove(removed);
    outliers.forget(removed);
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
    for (EndpointState endpoint : all) {
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
      log.debug("an endpoint of {} has no address yet", config.name(), cause);
    }
  }

  /**
   * Works out anew who may be picked, unless a successor does: weights in slow start are its too,
   * by its own block. Never on an event loop.
   */
  synchronized void changed() {
    if (!retired) {
      eligibility.update(all);
    }
  }

  private void stepAfter(long nanos) {
    if (!retired) {
      services.control().schedule(this::step, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void step() {
    if (!retired) {
      eligibility.step(all);
    }
  }

  /** An active check passed. On the control thread. */
  void onHealthy(EndpointState endpoint) {
    outliers.healthy(endpoint);
  }

  /** See {@link Upstream#administer}. */
  synchronized boolean administer(String id, EndpointState.Admin wish) {
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

  /** See {@link Upstream#put}. */
  synchronized void put(EndpointConfig added) {
    overrides.put(added);
    update();
  }

  /** See {@link Upstream#remove}. */
  synchronized boolean remove(String id) {
    if (find(id) == null) {
      return false;
    }
    overrides.remove(id);
    update();
    return true;
  }

  /** The endpoint of that id, or null. */
  @Nullable EndpointState find(String id) {
    for (EndpointState endpoint : all) {
      if (endpoint.id().equals(id)) {
        return endpoint;
      }
    }
    return null;
  }

  /** The name of the upstream. */
  String upstream() {
    return config.name();
  }

  /** Every endpoint, eligible or not. */
  List<EndpointState> all() {
    return all;
  }

  /** Who of them may be picked. */
  Eligibility eligibility() {
    return eligibility;
  }

  /** What discovery says, or null where the configuration names the endpoints. */
  @Nullable Discovered discovered() {
    return discovered;
  }

  /** Whether what {@code require-at-start} asks for is there. */
  boolean ready() {
    return switch (config.requireAtStart()) {
      case NONE -> true;
      case RESOLVED -> resolved && !all.isEmpty();
      case HEALTHY -> eligibility.count() > 0;
    };
  }

  /** Decides about endpoints no longer, and checks none. */
  void retire() {
    synchronized (this) {
      retired = true;
    }
    if (discovered != null) {
      discovered.close();
    }
    if (monitor != null) {
      monitor.close();
    }
    outliers.close();
  }
}
