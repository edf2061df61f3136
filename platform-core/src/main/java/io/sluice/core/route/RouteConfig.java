package io.sluice.core.route;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.upstream.HedgeConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One route as the configuration has it: what it asks of a request, and what becomes of those that
 * it takes. Immutable.
 *
 * @param name the route's own, or one made of its matchers; unique
 * @param named whether the name is the route's own
 * @param section where it stands, for problems
 * @param match what it asks
 * @param rewrite what it changes in the target
 * @param middleware the members of its middleware list, not looked into
 * @param cache the name of its cache, or null
 * @param timeouts how long it waits
 * @param retry what overrides the upstream's retry policy, not looked into, or null
 * @param hedge what overrides the upstream's hedge block, or null
 * @param priority how important its requests are where load is shed
 * @param destination where its requests go; null only after a problem
 * @param mirror who gets copies, or null
 */
public record RouteConfig(
    String name,
    boolean named,
    LocatedSection section,
    RouteMatch match,
    Rewrite rewrite,
    List<Element> middleware,
    @Nullable String cache,
    RouteTimeouts timeouts,
    @Nullable Element retry,
    HedgeConfig.@Nullable Choice hedge,
    Priority priority,
    @Nullable Destination destination,
    @Nullable Mirror mirror) {

  private static final List<String> DESTINATIONS = List.of("upstream", "redirect", "respond");
  private static final List<String> FOR_UPSTREAMS =
      List.of("rewrite", "mirror", "cache", "retry", "hedge", "priority");

  /** Reads the {@code routes} list of the root block; every problem is recorded. */
  public static List<RouteConfig> decodeAll(LocatedSection root) {
    List<ConfigSection> sections =
        root.sections("routes")
            .describe("the routes; the first that matches wins")
            .orElse(List.of());
    List<RouteConfig> routes = new ArrayList<>();
    for (ConfigSection section : sections) {
      routes.add(decode(LocatedSection.of(section)));
    }
    return unique(routes);
  }

  private static RouteConfig decode(LocatedSection section) {
    String name =
        section
            .string("name")
            .describe("the name in logs and metrics; without one it is made of the matchers")
            .check(text -> !text.isBlank(), "a text that is not blank")
            .optional()
            .orElse("");
    RouteMatch match =
        section
            .section("match")
            .describe("what a request must be like; absent: any request")
            .optional()
            .map(MatchDecoder::decode)
            .orElse(RouteMatch.ANYTHING);
    Destination destination = destination(section, match);
    if (destination != null && !(destination instanceof WeightedUpstreams)) {
      for (String key : FOR_UPSTREAMS) {
        if (section.has(key)) {
          section.problem(key, "has no effect in a route without an upstream", "");
        }
      }
    }
    return new RouteConfig(
        name.isEmpty() ? match.label() : name,
        !name.isEmpty(),
        section,
        match,
        section
            .section("rewrite")
            .describe("what to change in the request's target and Host")
            .optional()
            .map(block -> Rewrite.decode(LocatedSection.of(block), match.path()))
            .orElseGet(() -> Rewrite.none(match.path())),
        section
            .elements("middleware")
            .describe("names of middleware, plugin types, or blocks with a type; in order")
            .orElse(List.of()),
        cache(section),
        RouteTimeouts.decode(
            section
                .section("timeouts")
                .describe("how long the route waits")
                .orElse(section.empty("timeouts"))),
        section
            .element("retry")
            .describe("overrides keys of the upstream's retry block; off: one attempt")
            .optional()
            .orElse(null),
        HedgeConfig.choice(section, "overrides the upstream's hedge block; off: never"),
        section
            .choice("priority", Priority.class)
            .describe("how important its requests are where a concurrency limiter sheds load")
            .orElse(Priority.NORMAL),
        destination,
        section
            .section("mirror")
            .describe("who gets copies of the requests")
            .optional()
            .map(block -> Mirror.decode(LocatedSection.of(block)))
            .orElse(null));
  }

  private static @Nullable String cache(LocatedSection section) {
    String cache = section.string("cache").describe("the name of the cache, or off").orElse("off");
    return cache.equals("off") ? null : cache;
  }

  private static @Nullable Destination destination(LocatedSection section, RouteMatch match) {
    List<String> given = DESTINATIONS.stream().filter(section::has).toList();
    if (given.size() != 1) {
      section.problem(
          "",
          given.isEmpty() ? "the route leads nowhere" : "the route leads to several places",
          "exactly one of upstream, redirect, respond");
    }
    Destination destination = WeightedUpstreams.decode(section);
    LocatedSection redirect = block(section, "redirect", "where to send the client");
    if (redirect != null) {
      destination = Redirect.decode(redirect, match.path());
    }
    LocatedSection respond = block(section, "respond", "what to answer without an upstream");
    return respond == null ? destination : FixedResponse.decode(respond);
  }

  private static @Nullable LocatedSection block(
      LocatedSection section, String key, String meaning) {
    return section.section(key).describe(meaning).optional().map(LocatedSection::of).orElse(null);
  }

  /** Reports names that are there twice, and numbers the made ones that are. */
  private static List<RouteConfig> unique(List<RouteConfig> routes) {
    Map<String, RouteConfig> owners = new HashMap<>();
    for (RouteConfig route : routes) {
      if (route.named) {
        RouteConfig first = owners.putIfAbsent(route.name, route);
        if (first != null) {
          route.section.problem(
              "name",
              "\"" + route.name + "\" is the name of " + first.section.path() + " already",
              "a name of its own");
        }
      }
    }
    List<RouteConfig> named = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (RouteConfig route : routes) {
      RouteConfig own = route;
      while (!own.named && owners.putIfAbsent(own.name, own) != null) {
        own = route.withName(route.name + "#" + (counts.merge(route.name, 1, Integer::sum) + 1));
      }
      named.add(own);
    }
    return List.copyOf(named);
  }

  private RouteConfig withName(String other) {
    return new RouteConfig(
        other,
        named,
        section,
        match,
        rewrite,
        middleware,
        cache,
        timeouts,
        retry,
        hedge,
        priority,
        destination,
        mirror);
  }

  /** The matchers that it has, by key, as text. */
  public Map<String, String> matchers() {
    return match.describe();
  }

  /**
   * Reports every name that the route uses and that is not among the known ones. A missing name was
   * reported already.
   */
  public void checkNames(
      Collection<String> upstreams, Collection<String> caches, Collection<String> listeners) {
    if (destination instanceof WeightedUpstreams weighted) {
      for (WeightedUpstreams.Member member : weighted.members()) {
        if (!member.name().isEmpty() && !upstreams.contains(member.name())) {
          member.element().unknown("unknown upstream \"" + member.name() + "\"", upstreams);
        }
      }
    }
    if (mirror != null && !mirror.upstream().isEmpty() && !upstreams.contains(mirror.upstream())) {
      mirror
          .section()
          .unknown("upstream", "unknown upstream \"" + mirror.upstream() + "\"", upstreams);
    }
    if (cache != null && !caches.contains(cache)) {
      section.unknown("cache", "unknown cache \"" + cache + "\"", caches);
    }
    ListenerCondition condition = match.listener();
    if (condition != null) {
      LocatedSection block = LocatedSection.of(section.section("match").required());
      for (String listener : condition.listeners()) {
        if (!listeners.contains(listener)) {
          block.unknown("listener", "unknown listener \"" + listener + "\"", listeners);
        }
      }
    }
  }

  /** Records a problem where it asks for a certificate, since no listener does. */
  public void refuseClientCertificate() {
    ClientCertificateCondition condition = match.clientCertificate();
    if (condition != null && condition.shown()) {
      LocatedSection.of(section.section("match").required())
          .problem(
              "client-cert",
              "no listener asks clients for certificates",
              "tls.client-auth = optional or required at a listener");
    }
  }

  /**
   * Records a problem for each upstream that requests cannot go to.
   *
   * @param tcp whether the upstream of that name takes connections only
   */
  public void refuse(Predicate<String> tcp) {
    String problem = "\"%s\" speaks tcp";
    String expected = "an upstream that speaks HTTP; tcp is for listeners of that protocol";
    if (destination instanceof WeightedUpstreams weighted) {
      for (WeightedUpstreams.Member member : weighted.members()) {
        if (tcp.test(member.name())) {
          member.element().problem(problem.formatted(member.name()), expected);
        }
      }
    }
    if (mirror != null && tcp.test(mirror.upstream())) {
      mirror.section().problem("upstream", problem.formatted(mirror.upstream()), expected);
    }
  }
}
