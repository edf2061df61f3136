package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one generation, indexed by host and path. Answers what a scan of the list would,
 * the first route that matches, at a cost that does not grow with the number of routes. Immutable;
 * usable from any event loop, never blocks.
 */
public final class RouteTable {

  /**
   * A route that did not take a request.
   *
   * @param reason what it asked and what the request had
   */
  public record Skipped(Route route, String reason) {}

  /**
   * What a request meets on its way down the list.
   *
   * @param route the one that takes it, or null
   * @param skipped those before it
   */
  public record Explanation(@Nullable Route route, List<Skipped> skipped) {}

  private final List<Route> routes;
  private final HostIndex index;

  private RouteTable(List<Route> routes, HostIndex index) {
    this.routes = routes;
    this.index = index;
  }

  /** The table of {@code configs}, in their order. */
  public static RouteTable compile(List<RouteConfig> configs) {
    List<Route> routes = new ArrayList<>(configs.size());
    HostIndex.Builder index = new HostIndex.Builder();
    for (RouteConfig config : configs) {
      Route route = new Route(routes.size(), config);
      routes.add(route);
      index.add(route);
    }
    return new RouteTable(List.copyOf(routes), index.build());
  }

  /** The routes, in the order of the configuration. */
  public List<Route> routes() {
    return routes;
  }

  /** The first route that takes the request, or null when none does. */
  public @Nullable Route match(RequestHead head, MatchInput input) {
    return index.match(head, input);
  }

  /** The same answer with its reasons, found by a scan of the list. */
  public Explanation explain(RequestHead head, MatchInput input) {
    List<Skipped> skipped = new ArrayList<>();
    for (Route route : routes) {
      String reason = route.whyNot(head, input);
      if (reason == null) {
        return new Explanation(route, skipped);
      }
      skipped.add(new Skipped(route, reason));
    }
    return new Explanation(null, skipped);
  }

  /** Routes that can never be reached, each as a line {@code file:line: path: why}. */
  public List<String> warnings() {
    return Shadows.find(routes, index);
  }
}
