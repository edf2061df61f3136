package io.sluice.core.boot;

import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.exchange.GuardedRetry;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.route.Route;
import io.sluice.core.route.WeightedUpstreams;
import io.sluice.core.upstream.UpstreamPlugins;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The retries of routes with a {@code retry} block of their own. What the block does not say is as
 * the upstream's block says, key by key, and by default where neither does. A block that selects
 * another type of policy stands alone: the keys of one mean nothing to the other.
 *
 * <p>Used on the configuration thread only.
 */
final class RouteRetries {

  private static final String FALLBACK_TYPE = "standard";

  private final Map<String, LocatedSection> upstreams;
  private final Map<String, Shared<Object>> policies;
  private final GenerationFactory.Predecessor predecessor;
  private final PluginHost host;

  /**
   * Makes policies for one generation.
   *
   * @param upstreams the blocks
   * @param policies receives what is made
   */
  RouteRetries(
      Map<String, LocatedSection> upstreams,
      Map<String, Shared<Object>> policies,
      GenerationFactory.Predecessor predecessor,
      PluginHost host) {
    this.upstreams = upstreams;
    this.policies = policies;
    this.predecessor = predecessor;
    this.host = host;
  }

  /**
   * What a route says about one of its upstreams.
   *
   * @param policy null for one attempt
   */
  record Own(@Nullable RetryPolicy policy, long maxReplay) {

    @Nullable GuardedRetry guarded(Route route) {
      return policy == null ? null : new GuardedRetry(policy, nameIn(route));
    }
  }

  private static String nameIn(Route route) {
    return "routes." + route.name() + ".retry";
  }

  /** One for each upstream of a route, in its order; null where the route says nothing. */
  @Nullable List<Own> of(Route route) {
    Element element = route.config().retry();
    if (element == null) {
      return null;
    }
    List<String> targets =
        route.destination() instanceof WeightedUpstreams weighted
            ? weighted.members().stream().map(WeightedUpstreams.Member::name).toList()
            : List.of();
    if (!element.isSection()) {
      if (!element.isText() || !element.text().equals("off")) {
        String what = element.isText() ? "\"" + element.text() + "\" is no block" : "not a block";
        element.problem(what, "off or { … }");
      }
      return targets.stream().map(target -> new Own(null, 0)).toList();
    }
    LocatedSection own = element.section();
    if (targets.isEmpty()) {
      made(route, own); // nothing is forwarded, but what is wrong is wrong
      return List.of();
    }
    List<Own> all = new ArrayList<>();
    for (String target : targets) {
      all.add(made(route, over(target, own)));
    }
    return all;
  }

  /** The route's block, and behind it that of the upstream. */
  private LocatedSection over(String target, LocatedSection own) {
    LocatedSection upstream = upstreams.get(target);
    Element element = upstream == null ? null : upstream.element("retry").optional().orElse(null);
    if (element == null || !element.isSection()) {
      return own;
    }
    LocatedSection below = element.section();
    return own.has("type") && !type(own).equals(type(below)) ? own : own.over(below);
  }

  private static String type(LocatedSection block) {
    Element element = block.element("type").optional().orElse(null);
    return element == null ? FALLBACK_TYPE : element.text();
  }

  private Own made(Route route, LocatedSection section) {
    long maxReplay = UpstreamPlugins.maxReplay(section);
    String identity = "retry " + route.name() + " " + section.canonical();
    Shared<Object> known = policies.get(identity);
    if (known == null) {
      Shared<Object> before = predecessor.policies().get(identity);
      known = before != null && before.isTheSame(identity, host.registry()) ? before : null;
    }
    if (known != null) {
      section.ignoreUnread();
    } else {
      known = create(route, section, identity);
    }
    if (known == null) {
      return new Own(null, maxReplay);
    }
    policies.put(identity, known);
    return new Own((RetryPolicy) known.value(), maxReplay);
  }

  private @Nullable Shared<Object> create(Route route, LocatedSection section, String identity) {
    int uses = host.uses();
    RetryPolicy policy =
        host.create(RetryPolicyFactory.class, section, FALLBACK_TYPE, nameIn(route));
    return policy == null
        ? null
        : new Shared<>(identity, host.usedSince(uses), policy, () -> host.close(policy));
  }
}
