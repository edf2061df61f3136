package io.sluice.core.boot;

import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.core.admin.AdminModel;
import io.sluice.core.config.KeyDoc;
import io.sluice.core.exchange.RoutePlan;
import io.sluice.core.listener.ListenerConfig;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.route.Destination;
import io.sluice.core.route.Route;
import io.sluice.core.route.WeightedUpstreams;
import io.sluice.core.upstream.Discovered;
import io.sluice.core.upstream.EndpointAddress;
import io.sluice.core.upstream.EndpointConfig;
import io.sluice.core.upstream.EndpointState.Admin;
import io.sluice.core.upstream.Upstream;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The platform as the admin API shows and changes it. */
final class PlatformAdmin implements AdminModel {

  private static final Logger log = LoggerFactory.getLogger(PlatformAdmin.class);

  private final Platform platform;

  PlatformAdmin(Platform platform) {
    this.platform = platform;
  }

  @Override
  public Status status() {
    Loaded loaded = platform.loaded();
    List<ListenerView> listeners = new ArrayList<>();
    Map<String, List<SocketAddress>> bound = platform.listeners();
    for (ListenerConfig listener : loaded.config().listeners().values()) {
      List<String> addresses =
          bound.getOrDefault(listener.name(), List.of()).stream().map(Platforms::text).toList();
      listeners.add(
          new ListenerView(
              listener.name(),
              listener.protocol().label(),
              addresses,
              platform.sockets().connections(listener)));
    }
    long exchanges =
        loaded.upstreams().values().stream().mapToLong(shared -> shared.value().inFlight()).sum();
    return new Status(
        platform.draining() ? State.DRAINING : readiness().ready() ? State.READY : State.STARTING,
        platform.options().version(),
        Duration.between(platform.started(), Instant.now()),
        platform.started(),
        loaded.generation().number(),
        platform.sockets().connections(),
        exchanges,
        loaded.config().runtime().tlsProvider().describe(),
        listeners,
        platform.lastReload());
  }

  @Override
  public Readiness readiness() {
    List<String> reasons = new ArrayList<>();
    if (platform.draining()) {
      reasons.add("draining");
    }
    for (Shared<Upstream> shared : platform.loaded().upstreams().values()) {
      Upstream upstream = shared.value();
      if (!upstream.ready()) {
        reasons.add("upstream " + upstream.name() + " has no " + word(upstream) + " endpoint");
      }
    }
    return new Readiness(reasons.isEmpty(), reasons);
  }

  private static String word(Upstream upstream) {
    return switch (upstream.config().requireAtStart()) {
      case HEALTHY -> "healthy";
      case RESOLVED -> "resolved";
      case NONE -> "";
    };
  }

  @Override
  public String effectiveConfig() {
    return platform.loaded().config().root().effective();
  }

  @Override
  public List<RouteView> routes() {
    List<RouteView> views = new ArrayList<>();
    for (RoutePlan plan : platform.loaded().generation().plans()) {
      Route route = plan.route();
      Destination destination = route.destination();
      boolean forwards = destination instanceof WeightedUpstreams;
      List<String> target = new ArrayList<>();
      if (destination instanceof WeightedUpstreams weighted) {
        weighted
            .members()
            .forEach(
                member ->
                    target.add(
                        weighted.members().size() == 1
                            ? member.name()
                            : member.name() + " " + member.weight()));
      } else {
        target.add(String.valueOf(destination));
      }
      views.add(
          new RouteView(
              route.index(),
              route.name(),
              route.config().matchers(),
              forwards ? "upstream" : String.valueOf(destination).split(" ", 2)[0],
              target,
              platform.loaded().generation().listeners().isEmpty()
                  ? List.of()
                  : plan.chainNames(0)));
    }
    return views;
  }

  @Override
  public List<UpstreamView> upstreams() {
    List<UpstreamView> views = new ArrayList<>();
    for (Shared<Upstream> shared : platform.loaded().upstreams().values()) {
      Upstream upstream = shared.value();
      String balancer = "";
      var plugin =
          upstream.plugins().balancer() == null
              ? null
              : platform.loaded().host().plugin(upstream.plugins().balancer());
      if (plugin != null) {
        balancer = plugin.type();
      }
      views.add(
          new UpstreamView(
              upstream.name(),
              upstream.config().protocol().name().toLowerCase(Locale.ROOT),
              balancer,
              upstream.pending(),
              breaker(upstream),
              limiter(upstream),
              discovery(upstream),
              upstream.endpoints().stream()
                  .map(endpoint -> EndpointViews.of(upstream, endpoint))
                  .toList()));
    }
    return views;
  }

  private @Nullable BreakerView breaker(Upstream upstream) {
    CircuitBreaker plugin = upstream.plugins().breaker();
    if (plugin == null) {
      return null;
    }
    try {
      return new BreakerView(
          plugin.state().name().toLowerCase(Locale.ROOT),
          TimeUnit.NANOSECONDS.toMillis(plugin.retryAfterNanos()) / 1000.0);
    } catch (Throwable e) {
      Fatal.rethrow(e);
      log.error("the circuit breaker of {} does not say how it is", upstream.name(), e);
      return null;
    }
  }

  private @Nullable LimiterView limiter(Upstream upstream) {
    ConcurrencyLimiter plugin = upstream.plugins().limiter();
    if (plugin == null) {
      return null;
    }
    try {
      return new LimiterView(plugin.limit(), plugin.inFlight());
    } catch (Throwable e) {
      Fatal.rethrow(e);
      log.error("the concurrency limiter of {} does not say how it is", upstream.name(), e);
      return null;
    }
  }

  private @Nullable DiscoveryView discovery(Upstream upstream) {
    Discovered discovered = upstream.discovered();
    EndpointDiscovery plugin = upstream.plugins().discovery();
    if (discovered == null || plugin == null) {
      return null;
    }
    var registered = platform.loaded().host().plugin(plugin);
    Discovered.Status status = discovered.status();
    return new DiscoveryView(
        registered == null ? "" : registered.type(),
        status.endpoints(),
        status.answeredAt(),
        status.problem());
  }

  @Override
  public List<PluginView> plugins() {
    return Platforms.plugins(platform.plugins()).stream()
        .map(
            plugin ->
                new PluginView(
                    plugin.kind(),
                    plugin.type(),
                    plugin.source(),
                    plugin.apiVersion(),
                    plugin.keys().stream().map(KeyDoc::path).toList()))
        .toList();
  }

  @Override
  public Explanation explain(
      String method,
      String url,
      List<Map.Entry<String, String>> headers,
      List<X509Certificate> certificates) {
    return new Explainer(platform.loaded())
        .explain(new ExplainRequest(method, url, headers, certificates));
  }

  @Override
  public CompletionStage<AdminModel.ReloadResult> reload() {
    return platform
        .reload()
        .thenApply(
            result ->
                new AdminModel.ReloadResult(
                    result.generation(), result.changes(), result.problems()));
  }

  @Override
  public void drain() {
    platform.drain(platform.shutdownTimeout());
  }

  private @Nullable Upstream find(String name) {
    return platform.loaded().upstream(name);
  }

  @Override
  public Change setEndpointState(String upstream, String endpoint, EndpointState state) {
    Upstream found = find(upstream);
    Admin wish =
        switch (state) {
          case ENABLED -> Admin.ENABLED;
          case DISABLED -> Admin.DISABLED;
          case DRAINING -> Admin.DRAINING;
        };
    if (found == null || !found.administer(endpoint, wish)) {
      return notFound(found, upstream, endpoint);
    }
    return new Change(
        Change.Result.DONE,
        endpoint + " of " + upstream + " is " + wish.name().toLowerCase(Locale.ROOT));
  }

  private static Change notFound(@Nullable Upstream found, String upstream, String endpoint) {
    return new Change(
        Change.Result.NOT_FOUND,
        found == null
            ? "no upstream is called " + upstream
            : "upstream " + upstream + " has no endpoint " + endpoint);
  }

  @Override
  public Change putEndpoint(String upstream, String endpoint, EndpointSettings settings) {
    Upstream found = find(upstream);
    if (found == null) {
      return notFound(null, upstream, endpoint);
    }
    var known = found.find(endpoint);
    EndpointAddress address;
    try {
      // The id of an endpoint with a path is none of the forms that a new address may have.
      address = known == null ? EndpointAddress.parse(endpoint) : known.address();
    } catch (IllegalArgumentException e) {
      return new Change(Change.Result.REFUSED, endpoint + ": " + e.getMessage());
    }
    boolean there = found.find(address.id()) != null;
    int priority = settings.backup() ? 1 : 0;
    String name = known == null ? null : known.name();
    found.put(new EndpointConfig(address, settings.weight(), settings.zone(), priority, name));
    return new Change(
        there ? Change.Result.DONE : Change.Result.CREATED,
        address.id() + " of " + upstream + (there ? " is changed" : " is added"));
  }

  @Override
  public Change removeEndpoint(String upstream, String endpoint) {
    Upstream found = find(upstream);
    if (found == null) {
      return notFound(null, upstream, endpoint);
    }
    if (found.endpoints().size() == 1 && found.endpoints().get(0).id().equals(endpoint)) {
      return new Change(Change.Result.REFUSED, "it is the last endpoint of " + upstream);
    }
    if (!found.remove(endpoint)) {
      return notFound(found, upstream, endpoint);
    }
    return new Change(Change.Result.DONE, endpoint + " of " + upstream + " is removed");
  }
}
