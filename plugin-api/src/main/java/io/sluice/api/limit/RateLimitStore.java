package io.sluice.api.limit;

import java.util.concurrent.CompletionStage;

/**
 * Keeps the buckets of rate limits: in this process, or shared by a fleet. May be called from any
 * thread; must not block.
 */
public interface RateLimitStore extends AutoCloseable {

  /**
   * Takes {@code cost} tokens from the bucket of {@code key}, if they are there.
   *
   * @return already complete where the store is local; a store that cannot answer completes
   *     exceptionally, and the asking policy then decides whether to let pass
   */
  CompletionStage<Decision> take(String key, Quota quota, int cost);

  /** No policy uses this store any longer. */
  @Override
  default void close() {}

  /**
   * A token bucket.
   *
   * @param capacity the most tokens it holds, at least 1
   * @param refill tokens that come back in {@code refillNanos}, at least 1
   * @param refillNanos at least 1
   */
  record Quota(long capacity, long refill, long refillNanos) {}

  /**
   * What the bucket said.
   *
   * @param allowed whether the tokens were there
   * @param remaining whole tokens left
   * @param retryAfterNanos until {@code cost} tokens will be there; 0 when allowed
   * @param resetNanos until the bucket is full again
   */
  record Decision(boolean allowed, long remaining, long retryAfterNanos, long resetNanos) {}
}
