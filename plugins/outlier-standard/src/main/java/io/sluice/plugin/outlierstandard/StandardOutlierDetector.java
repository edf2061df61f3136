package io.sluice.plugin.outlierstandard;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.OutlierDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts failures in a row as they happen, and compares the endpoints with each other once an
 * interval. The kinds of detection and their defaults are those of Envoy's outlier detection
 * (architecture overview, "Outlier detection"); the one by latency, {@link Slowness}, is ours, and
 * so is the least gap of {@link Rates}.
 *
 * <p>The n-th ejection in a row lasts n × {@code base-ejection}, at most {@code max-ejection}, plus
 * up to {@code jitter} of that; each {@code base-ejection} of service without another one takes one
 * off n. (Envoy takes one off at each interval, which an endpoint that fails every half minute
 * outlives.)
 *
 * <p>On event loops: two or three atomic additions for an attempt, no clock, no allocation, no
 * lock; what decides about an ejection runs once for each threshold that was reached.
 */
final class StandardOutlierDetector implements OutlierDetector {

  private final StandardOutlierConfig config;
  private final EndpointSlot<EndpointRecord> slot;
  private final LongSupplier ticker;
  private final DoubleSupplier random;
  private final Slowness slowness;
  private final Rates answered;
  private volatile @Nullable Ejector ejector;

  /**
   * A detector that decides nothing until it is started.
   *
   * @param random from 0 to 1, for jitter
   */
  StandardOutlierDetector(
      StandardOutlierConfig config,
      EndpointSlot<EndpointRecord> slot,
      LongSupplier ticker,
      DoubleSupplier random) {
    this.config = config;
    this.slot = slot;
    this.ticker = ticker;
    this.random = random;
    this.slowness = new Slowness(config.latency(), config.latencyIntervals());
    this.answered = Rates.answered(config.splitLocal());
  }

  @Override
  public void start(Ejector given) {
    ejector = given;
  }

  private EndpointRecord record(Endpoint endpoint) {
    EndpointRecord known = endpoint.get(slot);
    return known != null ? known : endpoint.getOrSet(slot, new EndpointRecord());
  }

  @Override
  public void onEndpoints(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      record(endpoint).owner(this);
    }
  }

  @Override
  public void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {
    Result result = Result.of(outcome);
    if (result == Result.NOTHING) {
      return;
    }
    EndpointRecord record = record(endpoint);
    if (result == Result.SUCCESS || outcome.error() == ErrorKind.RESPONSE_TIMEOUT) {
      // A failure that comes fast must not make an endpoint look fast.
      record.tally().increment(EndpointRecord.TIMES + Times.bucket(outcome.firstByteNanos()));
    }
    switch (result) {
      case SUCCESS -> {
        record.tally().increment(EndpointRecord.SUCCESSES);
        EndpointRecord.clear(record.failures());
        EndpointRecord.clear(record.gatewayFailures());
        EndpointRecord.clear(record.localFailures());
      }
      case SERVER_ERROR -> {
        record.tally().increment(EndpointRecord.SERVER_ERRORS);
        EndpointRecord.clear(record.gatewayFailures());
        EndpointRecord.clear(record.localFailures());
        failed(endpoint, record, false);
      }
      case GATEWAY_ERROR -> {
        record.tally().increment(EndpointRecord.SERVER_ERRORS);
        EndpointRecord.clear(record.localFailures());
        failed(endpoint, record, true);
      }
      case LOCAL -> {
        record.tally().increment(EndpointRecord.LOCAL_FAILURES);
        if (config.splitLocal()) {
          count(
              endpoint,
              record,
              record.localFailures(),
              config.consecutiveLocalFailures(),
              "consecutive_local_failures");
        } else {
          failed(endpoint, record, true);
        }
      }
      case NOTHING -> {
        // it says nothing
      }
    }
  }

  private void failed(Endpoint endpoint, EndpointRecord record, boolean gateway) {
    if (gateway) {
      count(
          endpoint,
          record,
          record.gatewayFailures(),
          config.consecutiveGatewayFailures(),
          "consecutive_gateway_failures");
    }
    count(
        endpoint, record, record.failures(), config.consecutiveFailures(), "consecutive_failures");
  }

  /** One more in a row. Where a bound forbids the ejection, the next row may ask again. */
  private void count(
      Endpoint endpoint, EndpointRecord record, AtomicInteger row, int most, String reason) {
    int now = row.incrementAndGet();
    if (now >= most && row.compareAndSet(now, 0) && !record.isOut(ticker.getAsLong())) {
      eject(endpoint, record, reason);
    }
  }

  private void eject(Endpoint endpoint, EndpointRecord record, String reason) {
    Ejector to = ejector;
    if (to == null) {
      return;
    }
    int inARow = record.ejections() + 1;
    Duration time = time(inARow);
    if (to.eject(endpoint, time, reason)) {
      record.ejected(inARow, ticker.getAsLong() + time.toNanos());
    }
  }

  private Duration time(int inARow) {
    double nanos =
        Math.min(
            (double) inARow * config.baseEjection().toNanos(),
            (double) config.maxEjection().toNanos());
    return Duration.ofNanos((long) (nanos * (1 + config.jitter() * random.getAsDouble())));
  }

  @Override
  public void onHealthy(Endpoint endpoint) {
    Ejector to = ejector;
    EndpointRecord record = endpoint.get(slot);
    if (to == null || record == null || !config.restoreOnCheck()) {
      return;
    }
    long now = ticker.getAsLong();
    if (record.isOut(now)) {
      record.backSince(now);
      to.restore(endpoint);
    }
  }

  /** Compares the endpoints by what they did since the last call. On the scheduler. */
  void analyse() {
    Ejector to = ejector;
    if (to == null) {
      return;
    }
    long now = ticker.getAsLong();
    List<Interval> serving = new ArrayList<>();
    for (Endpoint endpoint : to.endpoints()) {
      EndpointRecord record = endpoint.get(slot);
      if (record != null && record.isOwnedBy(this)) {
        if (record.isOut(now)) {
          record.forgetIntervals();
        } else {
          record.endInterval(config.latencyIntervals());
          record.forgive(now, config.baseEjection().toNanos());
          serving.add(Interval.last(endpoint, record));
        }
      }
    }
    ejectAll(answered.belowTheOthers(serving, config.successRate()), "success_rate");
    ejectAll(answered.failing(serving, config.failureShare()), "failure_share");
    if (config.splitLocal()) {
      Rates local = Rates.local();
      ejectAll(local.belowTheOthers(serving, config.successRate()), "local_success_rate");
      ejectAll(local.failing(serving, config.failureShare()), "local_failure_share");
    }
    ejectAll(slowness.slow(serving), "latency");
  }

  private void ejectAll(List<Interval> outliers, String reason) {
    long now = ticker.getAsLong();
    for (Interval outlier : outliers) {
      if (!outlier.record().isOut(now)) {
        eject(outlier.endpoint(), outlier.record(), reason);
      }
    }
  }
}
