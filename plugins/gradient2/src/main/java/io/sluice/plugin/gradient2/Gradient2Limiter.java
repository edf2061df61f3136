package io.sluice.plugin.gradient2;

import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.observe.Meters;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands out permits up to the limit that {@link Gradient2} learns. Each priority may use a share of
 * the limit: the less important are shed first, and what is most important still finds permits when
 * the others find none.
 *
 * <p>Permits are one atomic number; samples go to striped sums and no clock is read for them. The
 * limit is worked out anew at the end of each window, on the scheduler.
 */
final class Gradient2Limiter implements ConcurrencyLimiter {

  private final Gradient2 estimate;
  private final double[] shares;
  private final int minSamples;
  private final Meters.Counter[] shed;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile SampleWindow window = new SampleWindow();
  private volatile int limit;
  private volatile int[] bounds;

  /** A limiter; {@code shed} counts refusals by priority. */
  Gradient2Limiter(Gradient2Config config, Meters.Counter[] shed) {
    this.estimate = new Gradient2(config);
    this.shares = config.shares().stream().mapToDouble(Double::doubleValue).toArray();
    this.minSamples = config.minSamples();
    this.shed = shed;
    this.limit = config.initialLimit();
    this.bounds = bounds(limit);
  }

  private int[] bounds(int of) {
    int[] made = new int[shares.length];
    for (int i = 0; i < made.length; i++) {
      made[i] = Math.max(1, (int) (of * shares[i] + 1e-9));
    }
    return made;
  }

  @Override
  public boolean tryAcquire(int priority) {
    int[] now = bounds;
    int rank = Math.max(0, Math.min(priority, now.length - 1));
    int bound = now[rank];
    int taken = inFlight.get();
    while (taken < bound) {
      if (inFlight.compareAndSet(taken, taken + 1)) {
        return true;
      }
      taken = inFlight.get();
    }
    shed[rank].increment();
    window.shed();
    return false;
  }

  @Override
  public void onSuccess(long nanos, int inFlightAtStart) {
    inFlight.decrementAndGet();
    window.sample(nanos, inFlightAtStart);
  }

  @Override
  public void onDropped() {
    window.drop(inFlight.getAndDecrement());
  }

  @Override
  public void onIgnored() {
    inFlight.decrementAndGet();
  }

  /** Learns from the window, unless it has too little in it; then it goes on. */
  void windowEnded() {
    SampleWindow ended = window;
    if (ended.count() < minSamples) {
      return;
    }
    window = new SampleWindow();
    estimate.windowEnded(
        ended.averageNanos(), ended.maxInFlight(), ended.dropShare(), ended.heldBack());
    int now = (int) estimate.limit();
    if (now != limit) {
      limit = now;
      bounds = bounds(now);
    }
  }

  @Override
  public int limit() {
    return limit;
  }

  @Override
  public int inFlight() {
    return inFlight.get();
  }
}
