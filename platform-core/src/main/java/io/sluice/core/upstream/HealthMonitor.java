package io.sluice.core.upstream;

import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheck.Verdict;
import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every endpoint of one upstream in its own rhythm and decides when it is well. Runs on the
 * control thread; probes run on an event loop.
 *
 * <p>The first probes of many endpoints are spread over a time that grows with their number, so
 * that they do not go out in one burst, and is short enough for whoever waits for a first verdict.
 */
final class HealthMonitor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HealthMonitor.class);

  /** What the first probe of each further endpoint may wait longer. */
  private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** How a probe ended, as meters call it. */
  private enum Result {
    PASSED,
    FAILED,
    TIMEOUT;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final EndpointSet endpoints;
  private final String upstream;
  private final HealthCheck check;
  private final HealthConfig config;
  private final Prober prober;
  private final ScheduledExecutorService control;
  private final MeterRegistry meters;
  private final Map<EndpointState, Rhythm> rhythms = new HashMap<>();
  private volatile boolean closed;

  HealthMonitor(
      EndpointSet endpoints,
      HealthCheck check,
      HealthConfig config,
      Prober prober,
      UpstreamServices services) {
    this.endpoints = endpoints;
    this.upstream = endpoints.upstream();
    this.check = check;
    this.config = config;
    this.prober = prober;
    this.control = services.control();
    this.meters = services.meters();
  }

  /** Begins with the endpoints that are new and stops with those that are gone. */
  synchronized void endpoints(List<EndpointState> now) {
    if (closed) {
      return;
    }
    long spread = Math.min(config.interval().toNanos() / 2, now.size() * SPREAD_NANOS);
    Map<EndpointState, Rhythm> before = new HashMap<>(rhythms);
    rhythms.clear();
    for (EndpointState endpoint : now) {
      Rhythm rhythm = before.remove(endpoint);
      if (rhythm == null) {
        rhythm = new Rhythm(endpoint);
        rhythm.next(ThreadLocalRandom.current().nextLong(spread + 1));
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

  private final class Rhythm {
    private final EndpointState endpoint;
    private final MeterScope scope = meters.scope();
    private final Map<Result, Counter> counts = new EnumMap<>(Result.class);
    private int good;
    private int bad;
    private boolean stopped;
    private ScheduledFuture<?> scheduled;

    Rhythm(EndpointState endpoint) {
      this.endpoint = endpoint;
      for (Result result : Result.values()) {
        counts.put(
            result,
            scope.counter(
                MetricNames.HEALTH_CHECKS,
                "upstream",
                upstream,
                "endpoint",
                endpoint.id(),
                "result",
                result.label()));
      }
      this.scheduled = control.schedule(() -> {}, 0, TimeUnit.NANOSECONDS);
    }

    synchronized void next(long nanos) {
      if (!stopped && !closed) {
        scheduled = control.schedule(this::probe, nanos, TimeUnit.NANOSECONDS);
      }
    }

    synchronized void stop() {
      stopped = true;
      scheduled.cancel(false);
      scope.close();
    }

    private synchronized boolean going() {
      return !stopped;
    }

    private void probe() {
      long started = System.nanoTime();
      Prober.Target target = prober.target(endpoint, config.timeout());
      ask(target)
          .orTimeout(config.timeout().toNanos(), TimeUnit.NANOSECONDS)
          .whenCompleteAsync(
              (verdict, failure) -> {
                target.close();
                try {
                  judge(verdict, failure);
                } finally {
                  next(remaining(started));
                }
              },
              control);
    }

    private CompletableFuture<Verdict> ask(Prober.Target target) {
      try {
        return check.probe(target).toCompletableFuture();
      } catch (RuntimeException | LinkageError e) {
        log.error("health check of {} failed", upstream, e);
        return CompletableFuture.failedFuture(e);
      }
    }

    private long remaining(long started) {
      Duration interval = endpoint.healthy() ? config.interval() : config.unhealthyInterval();
      double stretch = 1 + config.jitter() * (ThreadLocalRandom.current().nextDouble() * 2 - 1);
      long wanted = (long) (interval.toNanos() * stretch);
      return Math.max(0, wanted - (System.nanoTime() - started));
    }

    private void judge(@Nullable Verdict verdict, @Nullable Throwable failure) {
      if (verdict != null) {
        judge(verdict, verdict.healthy() ? Result.PASSED : Result.FAILED);
      } else if (isTimeout(failure)) {
        long millis = config.timeout().toMillis();
        judge(new Verdict(false, "no answer within " + millis + " ms"), Result.TIMEOUT);
      } else {
        judge(new Verdict(false, reason(failure)), Result.FAILED);
      }
    }

    private void judge(Verdict verdict, Result result) {
      if (!going()) {
        return;
      }
      Objects.requireNonNull(counts.get(result)).increment();
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
        endpoints.onHealthy(endpoint);
      }
    }

    private void change(boolean healthy, String detail) {
      endpoint.healthy(healthy);
      if (healthy) {
        log.info("endpoint {} of {} is healthy: {}", endpoint.id(), upstream, detail);
      } else {
        log.warn("endpoint {} of {} is unhealthy: {}", endpoint.id(), upstream, detail);
      }
      endpoints.changed();
    }
  }

  private static boolean isTimeout(@Nullable Throwable failure) {
    return failure instanceof TimeoutException
        || (failure != null && failure.getCause() instanceof TimeoutException);
  }

  private static String reason(@Nullable Throwable failure) {
    if (failure == null) {
      return "the check gave no verdict";
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
