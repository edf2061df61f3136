package io.sluice.core.admin;

import io.sluice.core.observe.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Every path of the admin API with its methods. Immutable. */
final class AdminRoutes {

  /** Answers one call. */
  interface Action {
    /**
     * Answers now or later.
     *
     * @throws IllegalArgumentException for a call that is at fault; answered as 400 with its
     *     message
     */
    CompletionStage<Answer> answer(AdminCall call);
  }

  /** Which of the two doors shows a route. */
  enum Door {
    /** {@code bind}. */
    ADMIN,
    /** {@code metrics-bind} too. */
    METRICS
  }

  /**
   * One method on one path.
   *
   * @param pattern segments; {@code *} stands for any one
   * @param open whether no token is needed
   * @param inPlace whether the action runs on the admin loop, not on the executor
   */
  record Entry(
      String method,
      List<String> pattern,
      Door door,
      boolean open,
      boolean inPlace,
      Action action) {

    boolean matches(List<String> path) {
      if (path.size() != pattern.size()) {
        return false;
      }
      for (int i = 0; i < path.size(); i++) {
        if (!pattern.get(i).equals("*") && !pattern.get(i).equals(path.get(i))) {
          return false;
        }
      }
      return true;
    }

    List<String> wild(List<String> path) {
      List<String> wild = new ArrayList<>();
      for (int i = 0; i < path.size(); i++) {
        if (pattern.get(i).equals("*")) {
          wild.add(path.get(i));
        }
      }
      return wild;
    }
  }

  private final List<Entry> entries = new ArrayList<>();

  AdminRoutes(AdminModel model, MeterRegistry meters) {
    AdminViews views = new AdminViews(model, meters);
    AdminActions actions = new AdminActions(model);
    entries.add(new Entry("GET", path("health/live"), Door.METRICS, true, true, views::live));
    entries.add(new Entry("GET", path("health/ready"), Door.METRICS, true, true, views::ready));
    entries.add(new Entry("GET", path("metrics"), Door.METRICS, false, false, views::metrics));
    entries.add(new Entry("GET", List.of(), Door.ADMIN, false, false, views::page));
    add("GET", "status", views::status);
    add("GET", "config", views::config);
    add("GET", "routes", views::routes);
    add("GET", "upstreams", views::upstreams);
    add("GET", "plugins", views::plugins);
    add("GET", "explain", views::explain);
    add("POST", "reload", actions::reload);
    add("POST", "drain", actions::drain);
    add("POST", "upstreams/*/endpoints/*/enable", actions::enable);
    add("POST", "upstreams/*/endpoints/*/disable", actions::disable);
    add("POST", "upstreams/*/endpoints/*/drain", actions::drainEndpoint);
    add("PUT", "upstreams/*/endpoints/*", actions::putEndpoint);
    add("DELETE", "upstreams/*/endpoints/*", actions::removeEndpoint);
    add("POST", "caches/*/purge", actions::purge);
  }

  /** What serves a call behind a door, or null. */
  @Nullable Entry find(String method, List<String> path, boolean metricsDoor) {
    for (Entry entry : entries) {
      if (shows(entry, metricsDoor) && entry.method().equals(method) && entry.matches(path)) {
        return entry;
      }
    }
    return null;
  }

  /** The methods that a path has behind a door; empty: there is no such path. */
  Set<String> methods(List<String> path, boolean metricsDoor) {
    Set<String> methods = new TreeSet<>();
    for (Entry entry : entries) {
      if (shows(entry, metricsDoor) && entry.matches(path)) {
        methods.add(entry.method());
        if (entry.method().equals("GET")) {
          methods.add("HEAD");
        }
      }
    }
    return methods;
  }

  /** Every route as {@code METHOD /path}. */
  List<String> lines() {
    return entries.stream()
        .map(entry -> entry.method() + " /" + String.join("/", entry.pattern()))
        .toList();
  }

  private void add(String method, String path, Action action) {
    entries.add(new Entry(method, path(path), Door.ADMIN, false, false, action));
  }

  private static List<String> path(String path) {
    return List.of(path.split("/"));
  }

  private static boolean shows(Entry entry, boolean metricsDoor) {
    return !metricsDoor || entry.door() == Door.METRICS;
  }
}
