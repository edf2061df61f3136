package io.sluice.core.upstream;

import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps requests in the proxy's own zone for as long as its endpoints can carry them.
 *
 * <p>The rule is that of Envoy's zone-aware routing. Let the proxies of this zone take the share
 * <i>s</i> of the upstream's requests and its endpoints have the share <i>c</i> of the upstream's
 * weight. If <i>c ≥ s</i>, all requests stay. Else <i>c / s</i> of them stay, which is what the
 * zone's endpoints would get if there were no zones, and the rest go to the zones that have more
 * weight than requests of their own, each in proportion to that surplus. So no endpoint gets more
 * than its weight's part of all requests, wherever they come from.
 *
 * <p>Envoy counts the proxies of each zone; nothing here knows them, so unless {@code share} says
 * otherwise, proxies are taken to stand evenly in all zones where the upstream has endpoints.
 *
 * @param zone the proxy's own; empty where it is not known: then zones count for nothing
 * @param share of the upstream's requests that arrive in it; 0 for one by the number of zones
 * @param minEndpoints eligible ones of the own zone below which zones count for nothing
 */
record ZoneAware(String zone, double share, int minEndpoints) {

  private static final double ROUNDING = 1e-9;

  /** What may stand in place of a block. */
  private enum Switch {
    ON,
    OFF
  }

  /**
   * Reads {@code zone-aware}.
   *
   * @param zone the proxy's own, or null where it is not known
   */
  static @Nullable ZoneAware decode(LocatedSection upstream, @Nullable String zone) {
    String own = Objects.requireNonNullElse(zone, "");
    Element element =
        upstream
            .element("zone-aware")
            .describe(
                "requests stay in the zone of runtime.zone while its endpoints can carry them")
            .optional()
            .orElse(null);
    if (element == null) {
      return null;
    }
    if (!element.isSection()) {
      Switch wish =
          upstream
              .choice("zone-aware", Switch.class)
              .describe(
                  "requests stay in the zone of runtime.zone while its endpoints can carry them")
              .orElse(Switch.OFF);
      return wish == Switch.ON ? new ZoneAware(own, 0, 1) : null;
    }
    LocatedSection block = element.section();
    double share =
        block
            .share("share", 100)
            .describe(
                "the share of the upstream's requests that arrive in this zone; default: 1 by the"
                    + " number of zones that have endpoints")
            .check(value -> value > 0, "more than 0%")
            .optional()
            .orElse(0.0);
    int minEndpoints =
        block
            .integer("min-endpoints", 1, 65_535)
            .describe("fewer eligible endpoints in the zone than this: zones count for nothing")
            .orElse(1L)
            .intValue();
    return new ZoneAware(own, share, minEndpoints);
  }

  /**
   * Divides the requests for one level.
   *
   * @param all the level's endpoints
   * @param able those of them that may be picked, at least one
   * @return groups whose shares sum up to 1; the last ones may have none
   */
  List<Selection.Group> divide(List<EndpointState> all, List<EndpointState> able) {
    TreeSet<String> zones = new TreeSet<>();
    all.forEach(endpoint -> zones.add(zoneOf(endpoint)));
    Map<String, List<EndpointState>> byZone = new LinkedHashMap<>();
    able.forEach(
        endpoint ->
            byZone.computeIfAbsent(zoneOf(endpoint), key -> new ArrayList<>()).add(endpoint));
    List<EndpointState> own = Objects.requireNonNullElse(byZone.remove(zone), List.of());
    boolean tooFew = !own.isEmpty() && own.size() < minEndpoints;
    boolean known = !zone.isEmpty() && zones.contains(zone);
    if (zones.size() < 2 || !known || byZone.isEmpty() || tooFew) {
      return List.of(new Selection.Group(able, 1));
    }
    double requests = share == 0 ? 1.0 / zones.size() : share;
    double total = weight(able);
    double capacity = weight(own) / total;
    if (capacity >= requests - ROUNDING) {
      return groups(own, 1, byZone, others -> 0);
    }
    double requestsElsewhere = (1 - requests) / (zones.size() - 1);
    ToDoubleFunction<List<EndpointState>> surplus =
        others -> Math.max(0, weight(others) / total - requestsElsewhere);
    double sum = byZone.values().stream().mapToDouble(surplus).sum();
    double stay = capacity / requests;
    return groups(own, stay, byZone, others -> (1 - stay) * surplus.applyAsDouble(others) / sum);
  }

  private static List<Selection.Group> groups(
      List<EndpointState> own,
      double stay,
      Map<String, List<EndpointState>> elsewhere,
      ToDoubleFunction<List<EndpointState>> share) {
    List<Selection.Group> groups = new ArrayList<>();
    if (!own.isEmpty()) {
      groups.add(new Selection.Group(own, stay));
    }
    elsewhere
        .values()
        .forEach(others -> groups.add(new Selection.Group(others, share.applyAsDouble(others))));
    return groups;
  }

  private static String zoneOf(EndpointState endpoint) {
    return Objects.requireNonNullElse(endpoint.zone(), "");
  }

  private static double weight(List<EndpointState> endpoints) {
    return endpoints.stream().mapToDouble(EndpointState::effectiveWeight).sum();
  }
}
