package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.PluginFailures;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets attempts in, as far as bounds, limiter and breaker allow, and tells every policy how they
 * went. On every event loop; without a lock.
 *
 * <p>A policy that throws breaks neither the counts nor the loop: each call stands alone, the
 * upstream's own books are balanced first, and what was thrown is counted and logged. Where a
 * decision is asked for, throwing is a refusal (500).
 */
final class AttemptGate {

  private final UpstreamConfig.Limits limits;
  private final LoadBalancer balancer;
  private final @Nullable OutlierDetector outliers;
  private final @Nullable ConcurrencyLimiter limiter;
  private final @Nullable CircuitBreaker breaker;
  private final Rejections rejections;
  private final PluginFailures balancerFailures;
  private final PluginFailures outlierFailures;
  private final PluginFailures limiterFailures;
  private final PluginFailures breakerFailures;
  private final AtomicInteger inFlight = new AtomicInteger();

  AttemptGate(
      UpstreamConfig config, UpstreamPlugins plugins, Rejections rejections, MeterScope meters) {
    this.limits = config.limits();
    this.balancer = Objects.requireNonNull(plugins.balancer(), "a problem was recorded for it");
    this.outliers = plugins.outliers();
    this.limiter = plugins.limiter();
    this.breaker = plugins.breaker();
    this.rejections = rejections;
    String at = "upstreams." + config.name() + ".";
    this.balancerFailures = new PluginFailures(meters, at + "balancer");
    this.outlierFailures = new PluginFailures(meters, at + "outlier-detection");
    this.limiterFailures = new PluginFailures(meters, at + "concurrency-limiter");
    this.breakerFailures = new PluginFailures(meters, at + "circuit-breaker");
  }

  /** What the balancer throws. */
  PluginFailures balancerFailures() {
    return balancerFailures;
  }

  /** What the outlier detector throws. */
  PluginFailures outlierFailures() {
    return outlierFailures;
  }

  /** Attempts in flight. */
  long inFlight() {
    return inFlight.get();
  }

  /**
   * Lets an attempt in, which {@link #left} ends.
   *
   * @param priority for the limiter: 0 is most important
   * @return null, or why it may not go
   */
  @Nullable ErrorKind tryEnter(EndpointState endpoint, AttemptResult attempt, int priority) {
    if (!Permits.takeBelow(inFlight, limits.maxRequests())) {
      return rejections.count(Limit.MAX_REQUESTS);
    }
    if (!endpoint.tryStart(limits.endpointRequests())) {
      inFlight.decrementAndGet();
      return rejections.count(Limit.ENDPOINT_MAX_REQUESTS);
    }
    ErrorKind refused = askLimiter(attempt, priority);
    if (refused == null) {
      refused = askBreaker(attempt);
      if (refused != null) {
        ignored();
      }
    }
    if (refused != null) {
      endpoint.ended();
      inFlight.decrementAndGet();
      return refused;
    }
    attempt.admitted = true;
    attempt.reportDue = true;
    try {
      balancer.onAttemptStart(endpoint);
    } catch (Throwable e) {
      balancerFailures.record("onAttemptStart", e);
    }
    return null;
  }

  private @Nullable ErrorKind askLimiter(AttemptResult attempt, int priority) {
    if (limiter == null) {
      return null;
    }
    boolean taken = false;
    try {
      taken = limiter.tryAcquire(priority);
      if (!taken) {
        return rejections.count(Limit.CONCURRENCY_LIMITER);
      }
      attempt.inFlightAtStart = limiter.inFlight();
      return null;
    } catch (Throwable e) {
      limiterFailures.record(taken ? "inFlight" : "tryAcquire", e);
      if (taken) {
        ignored();
      }
      return ErrorKind.INTERNAL_ERROR;
    }
  }

  private @Nullable ErrorKind askBreaker(AttemptResult attempt) {
    if (breaker == null) {
      return null;
    }
    try {
      attempt.pass = breaker.tryPass();
      return attempt.pass == CircuitBreaker.REFUSED
          ? rejections.count(Limit.CIRCUIT_BREAKER)
          : null;
    } catch (Throwable e) {
      breakerFailures.record("tryPass", e);
      return ErrorKind.INTERNAL_ERROR;
    }
  }

  private void ignored() {
    if (limiter == null) {
      return;
    }
    try {
      limiter.onIgnored();
    } catch (Throwable e) {
      limiterFailures.record("onIgnored", e);
    }
  }

  /** An attempt ended; does nothing for one that was not let in, or left before. */
  boolean left(EndpointState endpoint, AttemptResult attempt) {
    if (!attempt.admitted) {
      return false;
    }
    attempt.admitted = false;
    inFlight.decrementAndGet();
    endpoint.ended();
    tellBalancer(endpoint, attempt);
    if (!attempt.judged) {
      tellOutliers(endpoint, attempt);
    }
    settle(attempt);
    return true;
  }

  /** The endpoint was reached, and nothing more will be learned: tells all but the balancer. */
  void connectionMade(EndpointState endpoint, AttemptResult attempt) {
    attempt.judged = true;
    tellOutliers(endpoint, attempt);
    settle(attempt);
  }

  /**
   * Tells limiter and breaker, once: at the end, or when the attempt turns into a tunnel, which may
   * last for days and says nothing more about the endpoint.
   */
  void settle(AttemptResult attempt) {
    if (!attempt.reportDue) {
      return;
    }
    attempt.reportDue = false;
    tellBreaker(attempt);
    tellLimiter(attempt);
  }

  private void tellBalancer(EndpointState endpoint, AttemptOutcome outcome) {
    try {
      balancer.onAttemptEnd(endpoint, outcome);
    } catch (Throwable e) {
      balancerFailures.record("onAttemptEnd", e);
    }
  }

  private void tellOutliers(EndpointState endpoint, AttemptOutcome outcome) {
    if (outliers == null) {
      return;
    }
    try {
      outliers.onAttemptEnd(endpoint, outcome);
    } catch (Throwable e) {
      outlierFailures.record("onAttemptEnd", e);
    }
  }

  private void tellBreaker(AttemptResult attempt) {
    if (breaker == null) {
      return;
    }
    try {
      breaker.onAttemptEnd(attempt.pass, attempt);
    } catch (Throwable e) {
      breakerFailures.record("onAttemptEnd", e);
    }
  }

  private void tellLimiter(AttemptResult attempt) {
    if (limiter == null) {
      return;
    }
    try {
      switch (Load.of(attempt)) {
        case SAMPLE -> limiter.onSuccess(attempt.firstByteNanos(), attempt.inFlightAtStart);
        case DROPPED -> limiter.onDropped();
        case NOTHING -> limiter.onIgnored();
      }
    } catch (Throwable e) {
      limiterFailures.record("its report", e);
    }
  }

  /** Nanoseconds until a client may try again, for a refusal of kind {@code refused}. */
  long retryAfterNanos(ErrorKind refused) {
    if (breaker == null || refused != ErrorKind.CIRCUIT_OPEN) {
      return 0;
    }
    try {
      return breaker.retryAfterNanos();
    } catch (Throwable e) {
      breakerFailures.record("retryAfterNanos", e);
      return 0;
    }
  }

  /** What an attempt says about how loaded the endpoints are. */
  enum Load {
    /** Its time is a sample. */
    SAMPLE,
    /** Too much of it. */
    DROPPED,
    /** Nothing: cancelled, or a failure that may be as fast as it likes. */
    NOTHING;

    static Load of(AttemptOutcome outcome) {
      ErrorKind error = outcome.error();
      if (outcome.cancelled()) {
        return NOTHING;
      }
      if (error != null) {
        return switch (error) {
          case CONNECTION_TIMEOUT, RESPONSE_TIMEOUT, REQUEST_DEADLINE -> DROPPED;
          default -> NOTHING;
        };
      }
      int status = outcome.status();
      if (status == 429 || status == 503) {
        return DROPPED;
      }
      return status >= 500 ? NOTHING : SAMPLE;
    }
  }
}
