package io.sluice.plugin.outlierstandard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Finds endpoints whose failures stand out, by the two comparisons of Envoy's outlier detection:
 * success rate (mean − factor × standard deviation over the endpoints) and failure percentage.
 *
 * @param total of an endpoint's interval: how many attempts count
 * @param failed how many of them failed
 */
record Rates(ToIntFunction<Interval> total, ToIntFunction<Interval> failed) {

  private record Rated(Interval interval, double rate) {}

  /** What the endpoint answered and, where they are not kept apart, network failures. */
  static Rates answered(boolean splitLocal) {
    return splitLocal
        ? new Rates(i -> i.successes() + i.serverErrors(), Interval::serverErrors)
        : new Rates(
            i -> i.successes() + i.serverErrors() + i.localFailures(),
            i -> i.serverErrors() + i.localFailures());
  }

  /** Network failures alone. */
  static Rates local() {
    return new Rates(
        i -> i.successes() + i.serverErrors() + i.localFailures(), Interval::localFailures);
  }

  private List<Rated> rated(List<Interval> intervals, int minRequests) {
    List<Rated> rated = new ArrayList<>();
    for (Interval interval : intervals) {
      int all = total.applyAsInt(interval);
      if (all >= minRequests) {
        rated.add(new Rated(interval, 1 - failed.applyAsInt(interval) / (double) all));
      }
    }
    rated.sort(Comparator.comparingDouble(Rated::rate));
    return rated;
  }

  /**
   * Those whose success rate is more than {@code factor} standard deviations below the mean, and
   * {@code min-gap} below it at least: where all do well the deviation is so small that a single
   * failure would stand out. The worst first.
   */
  List<Interval> belowTheOthers(
      List<Interval> intervals, StandardOutlierConfig.SuccessRate config) {
    List<Rated> rated = rated(intervals, config.minRequests());
    if (rated.size() < config.minEndpoints()) {
      return List.of();
    }
    double mean = rated.stream().mapToDouble(Rated::rate).average().orElse(1);
    double variance =
        rated.stream().mapToDouble(one -> (one.rate - mean) * (one.rate - mean)).sum()
            / rated.size();
    double bound = mean - Math.max(config.factor() * Math.sqrt(variance), config.minGap());
    return rated.stream().filter(one -> one.rate < bound).map(Rated::interval).toList();
  }

  /** Those of whose attempts at least a share failed, the worst first. */
  List<Interval> failing(List<Interval> intervals, StandardOutlierConfig.FailureShare config) {
    List<Rated> rated = rated(intervals, config.minRequests());
    if (rated.size() < config.minEndpoints()) {
      return List.of();
    }
    return rated.stream()
        .filter(one -> 1 - one.rate >= config.threshold())
        .map(Rated::interval)
        .toList();
  }
}
