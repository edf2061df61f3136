package io.sluice.core.upstream;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes endpoints out and back for an outlier detector, within the bounds of the upstream: never
 * more than a share of them, always one, and never one without which nobody could serve.
 *
 * <p>Takes a lock, for the short time of a decision: detectors ask for an ejection, not for every
 * attempt.
 */
final class Ejections implements OutlierDetector.Ejector {

  private static final Logger log = LoggerFactory.getLogger(Ejections.class);

  /** Shares are decimal fractions: 30 % of 10 is 3, not 2.9999… */
  private static final double ROUNDING = 1e-9;

  /**
   * Whose endpoints they are.
   *
   * @param changed works out anew who may be picked; called on the control thread
   */
  record Owner(String name, Supplier<List<EndpointState>> endpoints, Runnable changed) {}

  private final Owner upstream;
  private final double share;
  private final ScheduledExecutorService control;
  private final MeterScope meters;
  private final Map<EndpointState, ScheduledFuture<?>> timers = new HashMap<>();
  private final Set<EndpointState> refused = new HashSet<>();
  private boolean closed;

  Ejections(Owner upstream, double share, ScheduledExecutorService control, MeterScope meters) {
    this.upstream = upstream;
    this.share = share;
    this.control = control;
    this.meters = meters;
  }

  @Override
  public synchronized boolean eject(Endpoint endpoint, Duration time, String reason) {
    EndpointState state = (EndpointState) endpoint;
    if (closed || state.ejected()) {
      return false;
    }
    if (!allowed(state)) {
      count(MetricNames.EJECTIONS_REFUSED, state, reason);
      if (refused.add(state)) {
        log.warn(
            "endpoint {} of {} stays in, though it should be ejected: {}; no more may be out",
            state.id(),
            upstream.name(),
            reason);
      }
      return false;
    }
    Ejection ejection =
        new Ejection(reason, Instant.now().plus(time), System.nanoTime() + time.toNanos());
    state.ejection(ejection);
    refused.clear();
    count(MetricNames.EJECTIONS, state, reason);
    log.info(
        "endpoint {} of {} ejected for {} ms: {}",
        state.id(),
        upstream.name(),
        time.toMillis(),
        reason);
    control.execute(upstream.changed());
    restoreIn(state, ejection, time.toNanos());
    return true;
  }

  private void count(String name, EndpointState endpoint, String reason) {
    meters
        .counter(name, "upstream", upstream.name(), "endpoint", endpoint.id(), "reason", reason)
        .increment();
  }

  private boolean allowed(EndpointState endpoint) {
    int all = 0;
    int out = 0;
    boolean anotherServes = false;
    for (EndpointState other : upstream.endpoints().get()) {
      all++;
      if (other.ejected()) {
        out++;
      } else if (other != endpoint && other.eligible()) {
        anotherServes = true;
      }
    }
    return anotherServes && (out == 0 || out + 1 <= share * all + ROUNDING);
  }

  private void restoreIn(EndpointState endpoint, Ejection ejection, long nanos) {
    ScheduledFuture<?> earlier =
        timers.put(
            endpoint,
            control.schedule(() -> timeOver(endpoint, ejection), nanos, TimeUnit.NANOSECONDS));
    if (earlier != null) {
      earlier.cancel(false);
    }
  }

  /**
   * Only that ejection ends: a timer that fires while its own is lifted early and another one
   * begins is too late to be cancelled.
   */
  private synchronized void timeOver(EndpointState endpoint, Ejection over) {
    if (over.equals(endpoint.ejection())) {
      restore(endpoint);
    }
  }

  /** Brings back, when its time is over, what a predecessor ejected, whose timers are gone. */
  synchronized void inherit(EndpointState endpoint) {
    Ejection ejection = endpoint.ejection();
    if (ejection != null) {
      restoreIn(endpoint, ejection, ejection.remainingNanos());
    }
  }

  /** Drops the timer of an endpoint that is no longer there. */
  synchronized void forget(EndpointState endpoint) {
    ScheduledFuture<?> timer = timers.remove(endpoint);
    if (timer != null) {
      timer.cancel(false);
    }
    refused.remove(endpoint);
  }

  @Override
  public synchronized void restore(Endpoint endpoint) {
    EndpointState state = (EndpointState) endpoint;
    forget(state);
    if (closed) {
      return;
    }
    Ejection ejection = state.ejection();
    if (ejection == null) {
      return;
    }
    state.ejection(null);
    refused.clear();
    long early = TimeUnit.NANOSECONDS.toMillis(ejection.remainingNanos());
    if (early > 0) {
      log.info(
          "endpoint {} of {} is back, {} ms before its time", state.id(), upstream.name(), early);
    } else {
      log.info("endpoint {} of {} is back", state.id(), upstream.name());
    }
    control.execute(upstream.changed());
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.copyOf(upstream.endpoints().get());
  }

  @Override
  public int ejected() {
    return (int) upstream.endpoints().get().stream().filter(EndpointState::ejected).count();
  }

  /** Decides nothing any more; whoever comes next inherits what is out. */
  synchronized void close() {
    closed = true;
    new ArrayList<>(timers.values()).forEach(timer -> timer.cancel(false));
    timers.clear();
  }
}
