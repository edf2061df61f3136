package io.sluice.core.exchange;

import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.core.plugin.Fatal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A retry policy that cannot harm an exchange: where it throws, there is no retry, and the log has
 * its name. Used by every event loop.
 */
public final class GuardedRetry {

  private static final Logger log = LoggerFactory.getLogger(GuardedRetry.class);

  private final RetryPolicy policy;
  private final String name;

  /**
   * Guards {@code policy}.
   *
   * @param name for the log: {@code upstreams.app.retry}
   */
  public GuardedRetry(RetryPolicy policy, String name) {
    this.policy = policy;
    this.name = name;
  }

  int maxAttempts() {
    try {
      return policy.maxAttempts();
    } catch (Throwable e) {
      threw("maxAttempts", e);
      return 1;
    }
  }

  long perTryNanos() {
    try {
      return policy.perTryNanos();
    } catch (Throwable e) {
      threw("perTryNanos", e);
      return Long.MAX_VALUE;
    }
  }

  void onRequest() {
    try {
      policy.onRequest();
    } catch (Throwable e) {
      threw("onRequest", e);
    }
  }

  void onRequestEnd(int retries) {
    try {
      policy.onRequestEnd(retries);
    } catch (Throwable e) {
      threw("onRequestEnd", e);
    }
  }

  long retryAfter(RequestHead request, AttemptOutcome outcome, int attempts) {
    try {
      return policy.retryAfter(request, outcome, attempts);
    } catch (Throwable e) {
      threw("retryAfter", e);
      return RetryPolicy.NO;
    }
  }

  boolean retriesStatus(int status) {
    try {
      return policy.retriesStatus(status);
    } catch (Throwable e) {
      threw("retriesStatus", e);
      return false;
    }
  }

  private void threw(String what, Throwable cause) {
    Fatal.rethrow(cause);
    log.error("{}: {} threw, so nothing is tried again", name, what, cause);
  }
}
