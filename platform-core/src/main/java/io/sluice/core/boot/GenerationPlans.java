package io.sluice.core.boot;

import io.sluice.api.observe.AccessLog;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.core.config.Problems;
import io.sluice.core.exchange.GuardedRetry;
import io.sluice.core.exchange.ListenerPlan;
import io.sluice.core.exchange.MiddlewareBinding;
import io.sluice.core.exchange.RoutePlan;
import io.sluice.core.listener.ListenerConfig;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import io.sluice.core.observe.StatusCounters;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.route.Destination;
import io.sluice.core.route.Route;
import io.sluice.core.route.RouteTable;
import io.sluice.core.route.WeightedUpstreams;
import io.sluice.core.transport.tls.AcmeChallenges;
import io.sluice.core.tunnel.TunnelConfig;
import io.sluice.core.tunnel.TunnelPlan;
import io.sluice.core.upstream.HedgeConfig;
import io.sluice.core.upstream.Hedging;
import io.sluice.core.upstream.Upstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Resolves what listeners and routes refer to, so that exchanges look nothing up. */
final class GenerationPlans {

  private static final Logger log = LoggerFactory.getLogger(GenerationPlans.class);

  private final Middlewares middlewares;
  private final Map<String, Upstream> upstreams;
  private final Map<String, Shared<Object>> policies;
  private final GenerationFactory.Predecessor predecessor;
  private final PluginHost host;
  private final MeterRegistry registry;
  private final MeterScope meters;
  private final RouteRetries retries;
  private final List<ListenerPlan> listeners = new ArrayList<>();
  private final List<List<MiddlewareBinding>> listenerChains = new ArrayList<>();

  GenerationPlans(
      RootConfig config,
      Middlewares middlewares,
      Map<String, Upstream> upstreams,
      Map<String, Shared<Object>> policies,
      GenerationFactory.Predecessor predecessor,
      PluginHost host,
      AcmeChallenges challenges,
      @Nullable AccessLog accessLog,
      MeterRegistry registry,
      MeterScope meters) {
    this.middlewares = middlewares;
    this.upstreams = upstreams;
    this.policies = policies;
    this.predecessor = predecessor;
    this.host = host;
    this.registry = registry;
    this.meters = meters;
    this.retries = new RouteRetries(config.upstreams(), policies, predecessor, host);
    for (ListenerConfig listener : config.listeners().values()) {
      List<MiddlewareBinding> chain = new ArrayList<>(middlewares.chain(listener.middleware()));
      if (!challenges.isEmpty() && listener.isPlaintextHttp()) {
        chain.add(0, acmeHttp(challenges));
      }
      listenerChains.add(chain);
      listeners.add(
          new ListenerPlan(
              listeners.size(),
              listener.name(),
              chain,
              counters(listener.name(), "", ""),
              tunnel(listener, accessLog)));
    }
  }

  private MiddlewareBinding acmeHttp(AcmeChallenges challenges) {
    return new MiddlewareBinding(
        AcmeHttpChallenge.NAME,
        new AcmeHttpChallenge(challenges),
        false,
        meters.histogram(MetricNames.MIDDLEWARE, "middleware", AcmeHttpChallenge.NAME));
  }

  private @Nullable TunnelPlan tunnel(ListenerConfig listener, @Nullable AccessLog accessLog) {
    TunnelConfig config = listener.tunnel();
    boolean resolved =
        config != null
            && config.targets().stream()
                .allMatch(target -> upstreams.containsKey(target.upstream()));
    return config != null && resolved // else a problem was recorded
        ? new TunnelPlan(listener.name(), config, upstreams, accessLog, meters)
        : null;
  }

  private StatusCounters counters(String listener, String route, String upstream) {
    return new StatusCounters(
        meters, MetricNames.REQUESTS, "listener", listener, "route", route, "upstream", upstream);
  }

  List<ListenerPlan> listeners() {
    return listeners;
  }

  List<RoutePlan> routes(RouteTable table, Problems problems) {
    List<RoutePlan> plans = new ArrayList<>();
    for (Route route : table.routes()) {
      RoutePlan plan = plan(route, problems);
      if (plan != null) {
        plans.add(plan);
      }
    }
    return plans;
  }

  private @Nullable RoutePlan plan(Route route, Problems problems) {
    List<MiddlewareBinding> chainOfRoute = middlewares.chain(route.config().middleware());
    List<RouteRetries.Own> own = retries.of(route);
    if (!problems.isEmpty()) {
      return null; // the rest needs parts that problems kept from being made
    }
    List<List<MiddlewareBinding>> chains = new ArrayList<>();
    for (List<MiddlewareBinding> first : listenerChains) {
      List<MiddlewareBinding> chain = new ArrayList<>(first);
      chain.addAll(chainOfRoute);
      chains.add(chain);
    }
    List<Upstream> targets = targets(route.destination());
    return new RoutePlan(
        route,
        chains,
        targets,
        attempting(route, own, targets),
        requests(route, targets),
        routeMeters(route));
  }

  private List<Upstream> targets(@Nullable Destination destination) {
    List<Upstream> targets = new ArrayList<>();
    if (destination instanceof WeightedUpstreams weighted) {
      for (WeightedUpstreams.Member member : weighted.members()) {
        Upstream upstream = upstreams.get(member.name());
        if (upstream == null) {
          throw new IllegalStateException("unresolved upstream " + member.name());
        }
        targets.add(upstream);
      }
    }
    return targets;
  }

  private StatusCounters[][] requests(Route route, List<Upstream> targets) {
    StatusCounters[][] counters = new StatusCounters[listeners.size()][];
    for (int i = 0; i < counters.length; i++) {
      String listener = listeners.get(i).name();
      counters[i] = new StatusCounters[Math.max(1, targets.size())];
      for (int j = 0; j < counters[i].length; j++) {
        String upstream = targets.isEmpty() ? "" : targets.get(j).name();
        counters[i][j] = counters(listener, route.name(), upstream);
      }
    }
    return counters;
  }

  private RoutePlan.RouteMeters routeMeters(Route route) {
    return new RoutePlan.RouteMeters(
        meters.histogram(MetricNames.REQUEST_DURATION, "route", route.name()),
        meters.histogram(MetricNames.REQUEST_PROCESSING),
        meters.histogram(MetricNames.RESPONSE_PROCESSING));
  }

  /** How attempts are made at each upstream of a route: by its own policies, or the upstream's. */
  private List<RoutePlan.Attempting> attempting(
      Route route, @Nullable List<RouteRetries.Own> own, List<Upstream> targets) {
    List<RoutePlan.Attempting> attempting = new ArrayList<>();
    for (Upstream target : targets) {
      RouteRetries.Own retries = own == null ? null : own.get(attempting.size());
      attempting.add(
          new RoutePlan.Attempting(
              retries == null ? ofUpstream(route, target) : retries.guarded(route),
              hedging(route, target),
              retries == null ? target.maxReplayBytes() : retries.maxReplay()));
    }
    return attempting;
  }

  /** The route's own hedging, or that of the upstream. */
  private @Nullable Hedging hedging(Route route, Upstream target) {
    HedgeConfig.Choice choice = route.config().hedge();
    if (choice == null) {
      return target.hedging();
    }
    HedgeConfig config = choice.config();
    if (config == null) {
      return null;
    }
    String identity = "hedge " + route.name() + " of " + target.config().identity() + " " + config;
    Shared<Object> shared = wasThere(target) ? predecessor.policies().get(identity) : null;
    if (shared == null) {
      MeterScope scope = registry.scope();
      Hedging made = target.hedging(config, scope);
      shared =
          new Shared<>(
              identity,
              host.usedSince(host.uses()),
              made,
              () -> {
                made.close();
                scope.close();
              });
    }
    policies.put(identity, shared);
    return (Hedging) shared.value();
  }

  private @Nullable GuardedRetry ofUpstream(Route route, Upstream target) {
    RetryPolicy parent = target.retry();
    if (parent == null) {
      return null;
    }
    String name = "upstreams." + target.name() + ".retry";
    String identity = "retry " + route.name() + " of " + target.config().identity();
    Shared<Object> shared = wasThere(target) ? predecessor.policies().get(identity) : null;
    if (shared == null) {
      RetryPolicy made = forRoute(parent, route, name);
      shared =
          new Shared<>(
              identity,
              host.usedSince(host.uses()),
              made,
              () -> {
                if (made != parent) {
                  made.close();
                }
              });
    }
    policies.put(identity, shared);
    return new GuardedRetry((RetryPolicy) shared.value(), name);
  }

  /** A policy made of an upstream's own does not outlive that. */
  private boolean wasThere(Upstream target) {
    return predecessor.upstreams().values().stream().anyMatch(each -> each.value() == target);
  }

  private static RetryPolicy forRoute(RetryPolicy parent, Route route, String name) {
    try {
      return Objects.requireNonNull(parent.forRoute(route.name()), "forRoute answered null");
    } catch (Throwable e) {
      Fatal.rethrow(e);
      log.error("{} makes no policy for route {}, which shares that of others", name, route, e);
      return parent;
    }
  }
}
