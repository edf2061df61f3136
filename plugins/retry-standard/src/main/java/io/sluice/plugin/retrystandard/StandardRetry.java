package io.sluice.plugin.retrystandard;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.RequestHead;
import io.sluice.api.observe.Meters;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.RetryPolicy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what its conditions name, while the budget lasts. The first retry of a connection
 * that was never made goes out at once, since nothing was asked of the next endpoint yet, and costs
 * no budget: what no endpoint got is not multiplied by asking one. Every other retry waits as
 * {@link Backoff} says, and no less than a Retry-After that is within bounds.
 *
 * <p>Each route has an instance with a {@link RetryBudget} of its own; the {@link ConcurrentShare}
 * is that of the upstream.
 */
final class StandardRetry implements RetryPolicy {

  private final StandardRetryConfig config;
  private final long perTryNanos;
  private final long maxRetryAfterNanos;
  private final RetryBudget budget;
  private final @Nullable ConcurrentShare share;
  private final Backoff backoff;
  private final Meters.Counter exhausted;
  private final @Nullable StandardRetry parent;
  private final Set<StandardRetry> routes = ConcurrentHashMap.newKeySet();

  StandardRetry(StandardRetryConfig config, Backoff backoff, Meters.Counter exhausted) {
    this(config, ConcurrentShare.of(config.budget()), backoff, exhausted, null);
  }

  private StandardRetry(
      StandardRetryConfig config,
      @Nullable ConcurrentShare share,
      Backoff backoff,
      Meters.Counter exhausted,
      @Nullable StandardRetry parent) {
    this.config = config;
    this.perTryNanos = config.perTry().toNanos();
    this.maxRetryAfterNanos = config.maxRetryAfter().toNanos();
    this.budget = new RetryBudget(config.budget());
    this.share = share;
    this.backoff = backoff;
    this.exhausted = exhausted;
    this.parent = parent;
  }

  @Override
  public RetryPolicy forRoute(String route) {
    StandardRetry made = new StandardRetry(config, share, backoff, exhausted, this);
    routes.add(made);
    return made;
  }

  /** A second has passed: for this one's budget and those of the routes. */
  void tick() {
    budget.tick();
    routes.forEach(StandardRetry::tick);
  }

  @Override
  public void close() {
    if (parent != null) {
      parent.routes.remove(this);
    }
  }

  @Override
  public int maxAttempts() {
    return config.attempts();
  }

  @Override
  public long perTryNanos() {
    return perTryNanos;
  }

  @Override
  public void onRequest() {
    budget.earn();
    if (share != null) {
      share.onRequest();
    }
  }

  @Override
  public void onRequestEnd(int retries) {
    if (share != null) {
      share.onRequestEnd(retries);
    }
  }

  @Override
  public long retryAfter(@Nullable RequestHead request, AttemptOutcome outcome, int attempts) {
    long asked = outcome.retryAfterNanos();
    if (nobodyWaits(outcome) || !config.on().holdFor(outcome) || asked > maxRetryAfterNanos) {
      return NO;
    }
    boolean first = attempts == 1;
    if (!(first && reachedNobody(outcome.error())) && !trySpend(first)) {
      exhausted.increment();
      return NO;
    }
    if (first && share != null) {
      share.begin();
    }
    if (first && isConnectFailure(outcome.error())) {
      return 0;
    }
    return Math.max(asked, backoff.afterAttempts(attempts));
  }

  /** What an endpoint turned away unread counts as cancelled too, but has an error. */
  private static boolean nobodyWaits(AttemptOutcome outcome) {
    return outcome.cancelled() && outcome.error() == null;
  }

  private boolean trySpend(boolean first) {
    return (share == null || !first || share.hasRoom()) && budget.trySpend();
  }

  @Override
  public boolean retriesStatus(int status) {
    return config.on().holdForStatus(status);
  }

  /** The request is yet to be anybody's load: asking one endpoint for it multiplies nothing. */
  private static boolean reachedNobody(@Nullable ErrorKind error) {
    return error == ErrorKind.CONNECTION_REFUSED
        || error == ErrorKind.CONNECTION_TIMEOUT
        || error == ErrorKind.DNS_ERROR;
  }

  private static boolean isConnectFailure(@Nullable ErrorKind error) {
    return error != null && RetryConditions.Condition.CONNECT_FAILURE.coversError(error);
  }
}
