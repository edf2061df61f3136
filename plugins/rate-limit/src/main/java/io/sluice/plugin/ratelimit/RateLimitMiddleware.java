package io.sluice.plugin.ratelimit;

import io.sluice.api.PluginContext;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.api.limit.RateLimitStore;
import io.sluice.api.limit.RateLimitStore.Decision;
import io.sluice.api.limit.RateLimitStore.Quota;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Resumption;
import io.sluice.api.observe.Meters;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes a token for each request and answers 429 with Retry-After where there is none. A local
 * store answers at once; for another the exchange is parked until the answer or the store's time
 * limit.
 */
final class RateLimitMiddleware implements Middleware {

  private static final HeaderName LIMIT = HeaderName.of("RateLimit-Limit");
  private static final HeaderName REMAINING = HeaderName.of("RateLimit-Remaining");
  private static final HeaderName RESET = HeaderName.of("RateLimit-Reset");
  private static final HeaderName POLICY = HeaderName.of("RateLimit-Policy");
  private static final HeaderName RETRY_AFTER = HeaderName.of("Retry-After");
  private static final String STORE_RETRY_SECONDS = "1";

  /** A parked exchange fails only if its own timer did not come. */
  private static final int DEADLINE_FACTOR = 2;

  private final RateLimitConfig config;
  private final Quota quota;
  private final BucketKey key;
  private final RateLimitStore store;
  private final Counters counters;
  private final PluginContext context;
  private final Attribute<Decision> decided;
  private final String limitText;
  private final String policyText;

  /**
   * What is counted.
   *
   * @param limited requests answered 429
   * @param storeErrors requests that the store could not judge
   */
  record Counters(Meters.Counter limited, Meters.Counter storeErrors) {}

  RateLimitMiddleware(
      RateLimitConfig config,
      BucketKey key,
      RateLimitStore store,
      Counters counters,
      PluginContext context) {
    this.config = config;
    this.quota = config.quota();
    this.key = key;
    this.store = store;
    this.counters = counters;
    this.context = context;
    this.decided = context.attribute(Decision.class);
    this.limitText = Long.toString(config.burst());
    this.policyText =
        config.requests()
            + ";w="
            + Math.max(1, config.per().toSeconds())
            + ";burst="
            + config.burst();
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    CompletionStage<Decision> stage = store.take(key.of(exchange), quota, 1);
    CompletableFuture<Decision> answer = stage.toCompletableFuture();
    if (answer.isCompletedExceptionally()) {
      return withoutDecision(exchange);
    }
    Decision decision = answer.getNow(null);
    return decision == null ? park(exchange, stage) : apply(exchange, decision);
  }

  private Flow park(Exchange exchange, CompletionStage<Decision> stage) {
    Duration limit = config.storeTimeout();
    Resumption resumption = exchange.suspend(limit.multipliedBy(DEADLINE_FACTOR));
    PluginContext.Task timer =
        context.schedule(limit, () -> resumption.resume(this::withoutDecision));
    stage.whenComplete(
        (decision, failure) -> {
          timer.cancel();
          resumption.resume(
              resumed -> decision == null ? withoutDecision(resumed) : apply(resumed, decision));
        });
    return Flow.SUSPENDED;
  }

  private Flow apply(Exchange exchange, Decision decision) {
    exchange.set(decided, decision);
    if (decision.allowed()) {
      return Flow.CONTINUE;
    }
    counters.limited.increment();
    return exchange.refuse(
        ErrorKind.RATE_LIMITED,
        Map.of(RETRY_AFTER.toString(), Long.toString(seconds(decision.retryAfterNanos()))));
  }

  private Flow withoutDecision(Exchange exchange) {
    counters.storeErrors.increment();
    return config.denyOnStoreError()
        ? exchange.refuse(
            ErrorKind.LIMIT_REACHED, Map.of(RETRY_AFTER.toString(), STORE_RETRY_SECONDS))
        : Flow.CONTINUE;
  }

  /** Of several limits on one exchange the one with the least left is told. */
  @Override
  public Flow onResponse(Exchange exchange) {
    Decision decision = exchange.get(decided);
    if (!config.headers() || decision == null) {
      return Flow.CONTINUE;
    }
    Headers headers = exchange.response().headers();
    if (!isTighter(headers.get(REMAINING), decision.remaining())) {
      headers.set(LIMIT, limitText);
      headers.set(REMAINING, Long.toString(decision.remaining()));
      headers.set(RESET, Long.toString(seconds(decision.resetNanos())));
      headers.set(POLICY, policyText);
    }
    return Flow.CONTINUE;
  }

  private static boolean isTighter(@Nullable String told, long remaining) {
    return told != null
        && told.length() <= 10
        && told.chars().allMatch(c -> c >= '0' && c <= '9')
        && !told.isEmpty()
        && Long.parseLong(told) < remaining;
  }

  private static long seconds(long nanos) {
    return Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos + TimeUnit.SECONDS.toNanos(1) - 1));
  }
}
