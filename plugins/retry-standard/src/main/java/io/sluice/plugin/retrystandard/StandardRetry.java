package io.sluice.plugin.retrystandard;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.RequestHead;
import io.sluice.api.observe.Meters;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.RetryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what its conditions name, while the budget lasts. The first retry of a connection
 * that was never made goes out at once, since nothing was asked of the next endpoint yet, and costs
 * no budget: what no endpoint got is not multiplied by asking one. Every other retry waits as
 * {@link Backoff} says, and no less than a Retry-After that is within bounds.
 */
final class StandardRetry implements RetryPolicy {

  private final StandardRetryConfig config;
  private final long perTryNanos;
  private final long maxRetryAfterNanos;
  private final RetryBudget budget;
  private final Backoff backoff;
  private final Meters.Counter exhausted;

  StandardRetry(
      StandardRetryConfig config, RetryBudget budget, Backoff backoff, Meters.Counter exhausted) {
    this.config = config;
    this.perTryNanos = config.perTry().toNanos();
    this.maxRetryAfterNanos = config.maxRetryAfter().toNanos();
    this.budget = budget;
    this.backoff = backoff;
    this.exhausted = exhausted;
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
  }

  @Override
  public long retryAfter(@Nullable RequestHead request, AttemptOutcome outcome, int attempts) {
    long asked = outcome.retryAfterNanos();
    if (outcome.cancelled() || !config.on().holdFor(outcome) || asked > maxRetryAfterNanos) {
      return NO;
    }
    if (!(attempts == 1 && reachedNobody(outcome.error())) && !budget.trySpend()) {
      exhausted.increment();
      return NO;
    }
    if (attempts == 1 && isConnectFailure(outcome.error())) {
      return 0;
    }
    return Math.max(asked, backoff.afterAttempts(attempts));
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
