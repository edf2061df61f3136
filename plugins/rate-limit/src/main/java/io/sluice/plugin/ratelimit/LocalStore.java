package io.sluice.plugin.ratelimit;

import io.sluice.api.limit.RateLimitStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Keeps buckets in this process, at most {@code maxKeys} of them. Buckets live in two generations:
 * one that was not used while the younger generation filled up is forgotten with the older. So a
 * flood of made-up keys pushes out idle buckets, never that of the one who floods under his own
 * key. A forgotten bucket is a full one.
 */
final class LocalStore implements RateLimitStore {

  private final int maxPerGeneration;
  private final LongSupplier ticker;

  private volatile Generations generations = new Generations(new ConcurrentHashMap<>());

  /** The buckets used lately, and those used before. */
  private static final class Generations {

    private final ConcurrentMap<String, Gcra> young = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Gcra> old;
    private final AtomicInteger youngSize = new AtomicInteger();

    Generations(ConcurrentMap<String, Gcra> old) {
      this.old = old;
    }
  }

  LocalStore(int maxKeys, LongSupplier ticker) {
    this.maxPerGeneration = Math.max(1, maxKeys / 2);
    this.ticker = ticker;
  }

  @Override
  public CompletionStage<Decision> take(String key, Quota quota, int cost) {
    long now = ticker.getAsLong();
    return CompletableFuture.completedFuture(bucket(key, now).take(quota, cost, now));
  }

  private Gcra bucket(String key, long now) {
    Generations current = generations;
    Gcra bucket = current.young.get(key);
    return bucket == null ? rejuvenate(current, key, now) : bucket;
  }

  private Gcra rejuvenate(Generations current, String key, long now) {
    Gcra older = current.old.get(key);
    Gcra wanted = older == null ? new Gcra(now) : older;
    Gcra present = current.young.putIfAbsent(key, wanted);
    if (present != null) {
      return present;
    }
    if (current.youngSize.incrementAndGet() >= maxPerGeneration) {
      replace(current);
    }
    return wanted;
  }

  /** Once in as many new keys as a generation holds. */
  private synchronized void replace(Generations full) {
    if (generations == full) {
      generations = new Generations(full.young);
    }
  }

  /** Buckets kept at present. */
  int size() {
    Generations current = generations;
    return current.young.size() + current.old.size();
  }
}
