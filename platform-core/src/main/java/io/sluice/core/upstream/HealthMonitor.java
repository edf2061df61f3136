package io.sluice.core.upstream;

import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheck.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every endpoint of one upstream in its own rhythm and decides when it is well. Runs on the
 * control thread; probes run on an event loop.
 */
final class HealthMonitor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HealthMonitor.class);

  private final Upstream upstream;
  private final HealthCheck check;
  private final HealthConfig config;
  private final Prober prober;
  private final ScheduledExecutorService control;
  private final Map<EndpointState, Rhythm> rhythms = new HashMap<>();
  private boolean closed;

  HealthMonitor(
      Upstream upstream,
      HealthCheck check,
      HealthConfig config,
      Prober prober,
      ScheduledExecutorService control) {
    this.upstream = upstream;
    this.check = check;
    this.config = config;
    this.prober = prober;
    this.control = control;
  }

  /** Begins with the endpoints that are new and stops with those that are gone. */
  synchronized void endpoints(Iterable<EndpointState> now) {
    Map<EndpointState, Rhythm> before = new HashMap<>(rhythms);
    rhythms.clear();
    for (EndpointState endpoint : now) {
      Rhythm rhythm = before.remove(endpoint);
      if (rhythm == null) {
        rhythm = new Rhythm(endpoint);
        rhythm.next(0);
      }
      rhythms.put(endpoint, rhythm);
    }
    before.values().forEach(Rhythm::stop);
  }

  @Override
  public synchronized void close() {
    closed = true;
    rhythms.values().forEach(Rhythm::stop);
    rhythms.clear();
  }

  private synchronized boolean open() {
    return !closed;
  }

  private final class Rhythm {
    private final EndpointState endpoint;
    private int good;
    private int bad;
    private boolean stopped;
    private ScheduledFuture<?> scheduled;

    Rhythm(EndpointState endpoint) {
      this.endpoint = endpoint;
      this.scheduled = control.schedule(() -> {}, 0, TimeUnit.NANOSECONDS);
    }

    synchronized void next(long nanos) {
      if (!stopped && open()) {
        scheduled = control.schedule(this::probe, nanos, TimeUnit.NANOSECONDS);
      }
    }

    synchronized void stop() {
      stopped = true;
      scheduled.cancel(false);
    }

    private synchronized boolean going() {
      return !stopped;
    }

    private void probe() {
      long started = System.nanoTime();
      Prober.Target target = prober.target(upstream, endpoint, config.timeout());
      CompletionStage<Verdict> verdict;
      try {
        verdict = check.probe(target);
      } catch (RuntimeException e) {
        log.error("health check of {} failed", upstream.name(), e);
        verdict = java.util.concurrent.CompletableFuture.failedFuture(e);
      }
      verdict
          .toCompletableFuture()
          .orTimeout(config.timeout().toNanos(), TimeUnit.NANOSECONDS)
          .whenCompleteAsync(
              (result, failure) -> {
                target.close();
                judge(result == null ? new Verdict(false, reason(failure)) : result);
                next(remaining(started));
              },
              control);
    }

    private long remaining(long started) {
      Duration interval = endpoint.healthy() ? config.interval() : config.unhealthyInterval();
      double stretch = 1 + config.jitter() * (ThreadLocalRandom.current().nextDouble() * 2 - 1);
      long wanted = (long) (interval.toNanos() * stretch);
      return Math.max(0, wanted - (System.nanoTime() - started));
    }

    private void judge(Verdict verdict) {
      if (!going()) {
        return;
      }
      boolean first = !endpoint.checked();
      endpoint.probed(verdict.healthy(), verdict.detail());
      good = verdict.healthy() ? good + 1 : 0;
      bad = verdict.healthy() ? 0 : bad + 1;
      if (!endpoint.healthy() && verdict.healthy() && (first || good >= config.healthy())) {
        change(true, verdict.detail());
      } else if (endpoint.healthy() && !verdict.healthy() && bad >= config.unhealthy()) {
        change(false, verdict.detail());
      }
      if (verdict.healthy()) {
        upstream.onHealthy(endpoint);
      }
    }

    private void change(boolean healthy, String detail) {
      endpoint.healthy(healthy);
      log.info(
          "endpoint {} of {} is {}: {}",
          endpoint.id(),
          upstream.name(),
          healthy ? "healthy" : "unhealthy",
          detail);
      upstream.changed();
    }
  }

  private String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof java.util.concurrent.TimeoutException) {
      return "no answer within " + config.timeout().toMillis() + " ms";
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
