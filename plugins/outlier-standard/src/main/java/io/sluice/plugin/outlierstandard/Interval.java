package io.sluice.plugin.outlierstandard;

import io.sluice.api.upstream.Endpoint;

/**
 * What one endpoint did in the last interval, or in the last few.
 *
 * @param counts the difference of its tally
 */
record Interval(Endpoint endpoint, EndpointRecord record, int[] counts) {

  /** What it did in the last interval. */
  static Interval last(Endpoint endpoint, EndpointRecord record) {
    return new Interval(endpoint, record, record.counted(1));
  }

  /** The same endpoint's last few. */
  Interval over(int intervals) {
    return intervals == 1 ? this : new Interval(endpoint, record, record.counted(intervals));
  }

  int successes() {
    return counts[EndpointRecord.SUCCESSES];
  }

  int serverErrors() {
    return counts[EndpointRecord.SERVER_ERRORS];
  }

  int localFailures() {
    return counts[EndpointRecord.LOCAL_FAILURES];
  }

  /** How many times were recorded. */
  int times() {
    int sum = 0;
    for (int i = EndpointRecord.TIMES; i < counts.length; i++) {
      sum += counts[i];
    }
    return sum;
  }

  long quantileNanos(double quantile) {
    return Times.quantile(counts, EndpointRecord.TIMES, times(), quantile);
  }
}
