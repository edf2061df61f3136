package io.sluice.core.route;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds routes that another one before them leaves nothing for. */
final class Shadows {

  /** So that odd tables, with very many routes for one path, load in reasonable time. */
  private static final int MAX_COMPARED = 256;

  private Shadows() {}

  /** One line for each such route, in the order of the configuration. */
  static List<String> find(List<Route> routes, HostIndex index) {
    List<String> lines = new ArrayList<>();
    for (Route route : routes) {
      Route before = shadow(route, index);
      if (before != null) {
        RouteConfig config = route.config();
        lines.add(
            config.section().location()
                + ": "
                + config.section().path()
                + ": is never reached: "
                + before.config().section().path()
                + " takes every such request before it");
      }
    }
    return List.copyOf(lines);
  }

  /** The first route before {@code route} that takes all that it would. */
  private static @Nullable Route shadow(Route route, HostIndex index) {
    RouteMatch match = route.config().match();
    HostPattern host = match.host() == null ? null : match.host().patterns().get(0);
    List<Candidate> candidates = new ArrayList<>();
    index.collect(host, path(match), candidates);
    return candidates.stream()
        .filter(candidate -> candidate.index < route.index())
        .limit(MAX_COMPARED)
        .map(candidate -> candidate.route)
        .filter(before -> before.config().match().covers(match))
        .min(java.util.Comparator.comparingInt(Route::index))
        .orElse(null);
  }

  private static String path(RouteMatch match) {
    if (match.path() == null) {
      return "";
    }
    PathPattern pattern = match.path().patterns().get(0);
    if (pattern instanceof PathPattern.Exact exact) {
      return exact.path();
    }
    return pattern instanceof PathPattern.Prefix prefix
        ? prefix.prefix()
        : ((PathPattern.Regex) pattern).below();
  }
}
