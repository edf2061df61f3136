package io.sluice.plugin.ratelimit;

import io.sluice.api.limit.RateLimitStore.Decision;
import io.sluice.api.limit.RateLimitStore.Quota;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket in one number: the generic cell rate algorithm in its virtual-scheduling form (ATM
 * Forum Traffic Management 4.1, §4.4.2; ITU-T I.371). The number is the theoretical arrival time:
 * when the bucket will be full again. Each token taken moves it on by one emission interval, {@code
 * refillNanos / refill}, and a token may be taken while it is less than {@code capacity} intervals
 * ahead of the clock. Safe on all threads at once.
 */
final class Gcra {

  private final AtomicLong fullAtNanos;

  /** A full bucket. */
  Gcra(long nowNanos) {
    fullAtNanos = new AtomicLong(nowNanos);
  }

  /** Takes {@code cost} tokens if they are there. Every call must come with the same quota. */
  Decision take(Quota quota, int cost, long nowNanos) {
    long interval = Math.max(1, quota.refillNanos() / quota.refill());
    long capacityNanos = interval * quota.capacity();
    while (true) {
      long seen = fullAtNanos.get();
      long ahead = Math.max(0, seen - nowNanos);
      long after = ahead + interval * cost;
      if (after > capacityNanos) {
        return new Decision(
            false, (capacityNanos - ahead) / interval, after - capacityNanos, ahead);
      }
      if (fullAtNanos.compareAndSet(seen, nowNanos + after)) {
        return new Decision(true, (capacityNanos - after) / interval, 0, after);
      }
    }
  }
}
