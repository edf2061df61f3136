package io.sluice.plugin.outlierstandard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds endpoints that are slow beside the others: alive, answering, and dragging the tail along
 * ("gray failure", Huang et al., HotOS 2017; "latency-induced probation", Dean and Barroso, The
 * Tail at Scale, CACM 2013).
 *
 * <p>An endpoint's quantile in the interval, the median by default, is compared with the median of
 * that quantile over the <em>other</em> endpoints. Medians instead of mean and standard deviation,
 * since one very slow endpoint moves the mean towards itself and swells the deviation until it
 * hides (masking; Leys et al., Journal of Experimental Social Psychology, 2013), whereas the median
 * of the others stays where it is until half of them are slow. The endpoint is left out of its own
 * yardstick, so three endpoints are enough. A ratio, since what is slow depends on the service; a
 * least difference in time, since 3 ms beside 1 ms hurts nobody; a least number of requests, so
 * that chance does not decide.
 */
final class Slowness {

  private record Timed(Interval interval, long nanos) {}

  private final StandardOutlierConfig.Latency config;

  Slowness(StandardOutlierConfig.Latency config) {
    this.config = config;
  }

  /** Those that are too slow, the slowest first. */
  List<Interval> slow(List<Interval> intervals) {
    List<Timed> timed = new ArrayList<>();
    for (Interval interval : intervals) {
      if (interval.times() >= config.minRequests()) {
        timed.add(new Timed(interval, interval.quantileNanos(config.quantile())));
      }
    }
    if (timed.size() < config.minEndpoints()) {
      return List.of();
    }
    timed.sort(Comparator.comparingLong(Timed::nanos));
    List<Interval> slow = new ArrayList<>();
    for (int i = timed.size() - 1; i >= 0; i--) {
      long own = timed.get(i).nanos;
      long others = medianWithout(timed, i);
      if (own > config.ratio() * others && own - others > config.minDifference().toNanos()) {
        slow.add(timed.get(i).interval);
      }
    }
    return slow;
  }

  /** The lower median of a sorted list without one of its members. */
  private static long medianWithout(List<Timed> sorted, int left) {
    int middle = (sorted.size() - 2) / 2;
    return sorted.get(middle < left ? middle : middle + 1).nanos;
  }
}
