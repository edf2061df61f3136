package io.sluice.core.upstream;

import io.sluice.core.upstream.EndpointState.Admin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which endpoints serve at present and what share of the requests they get. Immutable.
 *
 * <p>Endpoints stand in levels by their priority. A level is sound while it has an eligible
 * endpoint and, with a panic threshold, at least that share of eligible ones. The first sound level
 * gets all requests; with overprovisioning each sound level gets so many times its eligible share
 * as is still to be had, as Envoy's priority levels do. Where no level is sound, all enabled
 * endpoints of all levels serve under a panic threshold, healthy or not (Envoy's panic mode, judged
 * over all levels as there). Without one, those serve that only outlier detection took out: an
 * ejection is a guess, and a suspect is better than nobody. Levels and zones that get nothing stand
 * last, for attempts that everybody else is closed to.
 *
 * @param groups by precedence; their shares sum up to 1 unless there are none
 * @param panic whether endpoints serve that are not eligible
 */
record Selection(List<Group> groups, boolean panic) {

  private static final double ROUNDING = 1e-9;

  /**
   * Endpoints among which the balancer picks.
   *
   * @param endpoints at least one
   * @param share of the requests, 0 to 1
   */
  record Group(List<EndpointState> endpoints, double share) {}

  private record Level(List<EndpointState> all, List<EndpointState> able, double ableShare) {}

  /** Works it out. */
  static Selection of(List<EndpointState> endpoints, SelectionConfig config) {
    List<Level> levels = levels(endpoints);
    double[] loads = loads(levels, config);
    List<Group> serving = new ArrayList<>();
    List<Group> rest = new ArrayList<>();
    for (int i = 0; i < loads.length; i++) {
      Level level = levels.get(i);
      if (level.able.isEmpty()) {
        continue;
      }
      for (Group group : divide(level, config)) {
        double share = group.share * loads[i];
        (share > ROUNDING ? serving : rest).add(new Group(group.endpoints, share));
      }
    }
    if (!serving.isEmpty()) {
      serving.addAll(rest);
      return new Selection(serving, false);
    }
    List<EndpointState> enabled = enabled(endpoints);
    boolean panic = config.panicThreshold() > 0 && !enabled.isEmpty();
    if (panic) {
      return new Selection(List.of(new Group(enabled, 1)), true);
    }
    List<EndpointState> suspects = enabled.stream().filter(EndpointState::healthy).toList();
    return new Selection(suspects.isEmpty() ? List.of() : List.of(new Group(suspects, 1)), false);
  }

  private static List<Level> levels(List<EndpointState> endpoints) {
    Map<Integer, List<EndpointState>> byPriority = new TreeMap<>();
    for (EndpointState endpoint : endpoints) {
      byPriority.computeIfAbsent(endpoint.priority(), key -> new ArrayList<>()).add(endpoint);
    }
    List<Level> levels = new ArrayList<>();
    for (List<EndpointState> all : byPriority.values()) {
      List<EndpointState> able = all.stream().filter(EndpointState::eligible).toList();
      // Those that an operator took out are not missed.
      int wanted = enabled(all).size();
      levels.add(new Level(all, able, wanted == 0 ? 0 : (double) able.size() / wanted));
    }
    return levels;
  }

  private static List<EndpointState> enabled(List<EndpointState> endpoints) {
    return endpoints.stream().filter(endpoint -> endpoint.admin() == Admin.ENABLED).toList();
  }

  /** What share of the requests each level gets: they sum up to 1, or to 0 where none is sound. */
  private static double[] loads(List<Level> levels, SelectionConfig config) {
    double[] loads = new double[levels.size()];
    double left = 1;
    double sum = 0;
    for (int i = 0; i < loads.length; i++) {
      double able = levels.get(i).ableShare;
      if (able > 0 && able >= config.panicThreshold() - ROUNDING) {
        double carries =
            config.overprovisioning() == 0 ? 1 : Math.min(1, able * config.overprovisioning());
        loads[i] = Math.min(left, carries);
        left = Math.max(0, left - carries);
        sum += loads[i];
      }
    }
    for (int i = 0; i < loads.length && sum > 0; i++) {
      loads[i] /= sum;
    }
    return loads;
  }

  private static List<Group> divide(Level level, SelectionConfig config) {
    ZoneAware zones = config.zoneAware();
    return zones == null ? List.of(new Group(level.able, 1)) : zones.divide(level.all, level.able);
  }
}
