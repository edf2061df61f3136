package io.sluice.core.upstream;

import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a request that got no response yet goes to a second endpoint as well, the first response to
 * be used and the other attempt to be dropped: the hedged requests of J. Dean and L. A. Barroso
 * ("The Tail at Scale", CACM 56(2), 2013), who defer the second until the first has taken longer
 * than the 95th percentile, which bounds the added load to about 5 %.
 *
 * <p>That holds only while latencies are what they were, so that a budget bounds it always: a token
 * bucket to which a request brings {@link HedgeConfig#ratio} tokens and a second {@link
 * HedgeConfig#perSecond}, and which holds at most {@link #BURST}. It is kept in parts, one for each
 * event loop, so that it needs no lock.
 */
public final class Hedging implements AutoCloseable {

  /** Tokens that may gather, over all event loops. */
  static final int BURST = 10;

  private static final int LINE = 8;
  private static final long MIN_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** What became of the wish to hedge. */
  public enum Result {
    /** The hedge's response was used. */
    WON,
    /** The first attempt answered after all. */
    LOST,
    /** The hedge failed before there was a response. */
    FAILED,
    /** The exchange ended before either answered. */
    CANCELLED,
    /** None was sent: the budget was spent. */
    NO_BUDGET,
    /** None was sent: a limit, the limiter or the breaker had no room. */
    NO_ROOM,
    /** None was sent: there was no other endpoint. */
    NO_ENDPOINT
  }

  private final HedgeConfig config;
  private final double[] tokens;
  private final long[] filledNanos;
  private final double capacity;
  private final double tokensPerNano;
  private final @Nullable RecentLatency latency;
  private final Map<Result, Counter> counters = new EnumMap<>(Result.class);
  private final @Nullable ScheduledFuture<?> ticking;
  private volatile long delayNanos;

  /**
   * As {@code config} says.
   *
   * @param upstream its name, for the meters
   * @param control works out the delay, where that is a percentile
   */
  public Hedging(
      HedgeConfig config,
      String upstream,
      int loops,
      MeterScope meters,
      ScheduledExecutorService control) {
    this.config = config;
    this.capacity = Math.max(1, (double) BURST / loops);
    this.tokensPerNano = (double) config.perSecond() / loops / TimeUnit.SECONDS.toNanos(1);
    this.tokens = new double[loops * LINE];
    this.filledNanos = new long[loops * LINE];
    long now = System.nanoTime();
    for (int i = 0; i < loops; i++) {
      tokens[i * LINE] = config.perSecond() == 0 ? 0 : 1;
      filledNanos[i * LINE] = now;
    }
    for (Result result : Result.values()) {
      String label = result.name().toLowerCase(Locale.ROOT);
      counters.put(
          result, meters.counter(MetricNames.HEDGES, "upstream", upstream, "result", label));
    }
    if (config.after() == null) {
      this.latency = new RecentLatency(loops);
      this.delayNanos = Long.MAX_VALUE;
      this.ticking = control.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    } else {
      this.latency = null;
      this.delayNanos = config.after().toNanos();
      this.ticking = null;
    }
  }

  /** A second has passed. On the control thread. */
  void tick() {
    RecentLatency recent = latency;
    if (recent != null) {
      recent.tick();
      long nanos = recent.percentileNanos(config.percentile(), config.minSamples());
      delayNanos = nanos < 0 ? Long.MAX_VALUE : Math.max(MIN_DELAY_NANOS, nanos);
    }
  }

  /** How long to wait for a response head; {@link Long#MAX_VALUE} while that is not known. */
  public long delayNanos() {
    return delayNanos;
  }

  /** A request that might be hedged goes out. On the loop of that index. */
  public void onRequest(int loop) {
    int at = loop * LINE;
    tokens[at] = Math.min(capacity, tokens[at] + config.ratio());
  }

  /** Spends what a hedge costs, if it is there. On the loop of that index. */
  public boolean trySpend(int loop, long nowNanos) {
    int at = loop * LINE;
    double earned = tokensPerNano * Math.max(0, nowNanos - filledNanos[at]);
    filledNanos[at] = nowNanos;
    double there = Math.min(capacity, tokens[at] + earned);
    tokens[at] = there < 1 ? there : there - 1;
    return there >= 1;
  }

  /** A hedge that was paid for was not sent. On the loop of that index. */
  public void giveBack(int loop) {
    int at = loop * LINE;
    tokens[at] = Math.min(capacity, tokens[at] + 1);
  }

  /**
   * An attempt's response head came after so long, or had not come when the attempt was dropped for
   * another one. On the loop of that index.
   */
  public void onResponse(int loop, long nanos) {
    if (latency != null) {
      latency.record(loop, nanos);
    }
  }

  /** Counts what became of the wish to hedge. */
  public void count(Result result) {
    Objects.requireNonNull(counters.get(result)).increment();
  }

  /** Nothing is hedged by it any longer. */
  @Override
  public void close() {
    if (ticking != null) {
      ticking.cancel(false);
    }
  }
}
