package io.sluice.plugin.outlierstandard;

import io.sluice.api.upstream.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
 *
 * <p>A balancer that looks at load leaves a slow endpoint few requests: the worse it is, the longer
 * one interval is too short to know. So an endpoint is judged by the shortest run of last intervals
 * in which it and enough others have enough requests, up to the window; no longer, or what it did
 * before it turned slow would outvote what it does now. The others are measured over the same run,
 * or a bad moment of all would be held against the one that remembers it.
 */
final class Slowness {

  private record Timed(Interval interval, long nanos) {}

  private final StandardOutlierConfig.Latency config;
  private final int mostIntervals;

  Slowness(StandardOutlierConfig.Latency config, int mostIntervals) {
    this.config = config;
    this.mostIntervals = mostIntervals;
  }

  /** Those that are too slow, the slowest first. */
  List<Interval> slow(List<Interval> intervals) {
    List<Timed> slow = new ArrayList<>();
    Set<Endpoint> judged = new HashSet<>();
    for (int run = 1; run <= mostIntervals && judged.size() < intervals.size(); run++) {
      List<Timed> timed = timed(intervals, run);
      if (timed.size() >= config.minEndpoints()) {
        for (int i = 0; i < timed.size(); i++) {
          Timed one = timed.get(i);
          if (judged.add(one.interval.endpoint()) && isSlow(one.nanos, medianWithout(timed, i))) {
            slow.add(one);
          }
        }
      }
    }
    slow.sort(Comparator.comparingLong(Timed::nanos).reversed());
    return slow.stream().map(Timed::interval).toList();
  }

  /** Those that have enough requests in so many intervals, the fastest first. */
  private List<Timed> timed(List<Interval> intervals, int run) {
    List<Timed> timed = new ArrayList<>();
    for (Interval last : intervals) {
      Interval interval = last.over(run);
      if (interval.times() >= config.minRequests()) {
        timed.add(new Timed(interval, interval.quantileNanos(config.quantile())));
      }
    }
    timed.sort(Comparator.comparingLong(Timed::nanos));
    return timed;
  }

  private boolean isSlow(long own, long others) {
    return own > config.ratio() * others && own - others > config.minDifference().toNanos();
  }

  /** The lower median of a sorted list without one of its members. */
  private static long medianWithout(List<Timed> sorted, int left) {
    int middle = (sorted.size() - 2) / 2;
    return sorted.get(middle < left ? middle : middle + 1).nanos;
  }
}
