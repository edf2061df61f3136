package io.sluice.plugin.outlierstandard;

import io.sluice.api.upstream.Endpoint;

/**
 * What one endpoint did in one interval.
 *
 * @param counts the difference of its tally
 */
record Interval(Endpoint endpoint, EndpointRecord record, int[] counts) {

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
