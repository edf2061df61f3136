package io.sluice.core.upstream;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.OutlierDetector;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes endpoints out and back for an outlier detector, within the bounds of the upstream: never
 * more than a share of them, but always one while another remains.
 */
final class Ejections implements OutlierDetector.Ejector {

  private static final Logger log = LoggerFactory.getLogger(Ejections.class);

  /** How long an ejection lasts at most that was decided before a reload. */
  private static final Duration INHERITED = Duration.ofSeconds(30);

  private final Upstream upstream;
  private final OutlierDetector detector;
  private final double share;
  private final ScheduledExecutorService control;
  private final Map<EndpointState, ScheduledFuture<?>> timers = new HashMap<>();
  private boolean closed;

  Ejections(
      Upstream upstream, OutlierDetector detector, double share, ScheduledExecutorService control) {
    this.upstream = upstream;
    this.detector = detector;
    this.share = share;
    this.control = control;
  }

  @Override
  public synchronized boolean eject(Endpoint endpoint, Duration time, String reason) {
    EndpointState state = (EndpointState) endpoint;
    int all = upstream.endpoints().size();
    int out = ejected();
    boolean allowed = out + 1 < all && (out == 0 || (out + 1) <= share * all);
    if (closed || state.ejected() || !allowed) {
      return false;
    }
    state.ejected(true);
    log.info(
        "endpoint {} of {} ejected for {} ms: {}",
        state.id(),
        upstream.name(),
        time.toMillis(),
        reason);
    control.execute(upstream::changed);
    restoreIn(state, time);
    return true;
  }

  /** The latest ejection decides when an endpoint is back, not an earlier one that was lifted. */
  private void restoreIn(EndpointState endpoint, Duration time) {
    ScheduledFuture<?> earlier =
        timers.put(
            endpoint,
            control.schedule(() -> restore(endpoint), time.toNanos(), TimeUnit.NANOSECONDS));
    if (earlier != null) {
      earlier.cancel(false);
    }
  }

  /** Brings back in a while what a predecessor ejected, whose timers are gone. */
  synchronized void inherit(EndpointState endpoint) {
    restoreIn(endpoint, INHERITED);
  }

  @Override
  public synchronized void restore(Endpoint endpoint) {
    EndpointState state = (EndpointState) endpoint;
    ScheduledFuture<?> timer = timers.remove(state);
    if (timer != null) {
      timer.cancel(false);
    }
    if (!closed && state.ejected()) {
      state.ejected(false);
      log.info("endpoint {} of {} is back", state.id(), upstream.name());
      control.execute(upstream::changed);
    }
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.copyOf(upstream.endpoints());
  }

  @Override
  public int ejected() {
    return (int) upstream.endpoints().stream().filter(EndpointState::ejected).count();
  }

  /** The detector that decides. */
  OutlierDetector detector() {
    return detector;
  }

  synchronized void close() {
    closed = true;
  }
}
