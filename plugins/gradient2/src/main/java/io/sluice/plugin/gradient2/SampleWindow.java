package io.sluice.plugin.gradient2;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** The attempts that ended in one window; striped, so event loops do not wait for each other. */
final class SampleWindow {

  private final LongAdder samples = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder drops = new LongAdder();
  private final LongAdder shed = new LongAdder();
  private final LongAccumulator maxInFlight = new LongAccumulator(Math::max, 0);

  void sample(long took, int inFlight) {
    samples.increment();
    nanos.add(took);
    maxInFlight.accumulate(inFlight);
  }

  void drop(int inFlight) {
    drops.increment();
    maxInFlight.accumulate(inFlight);
  }

  void shed() {
    shed.increment();
  }

  /** Attempts that say something. */
  long count() {
    return samples.sum() + drops.sum();
  }

  /** The average of the samples, or NaN. */
  double averageNanos() {
    long count = samples.sum();
    return count == 0 ? Double.NaN : nanos.sum() / (double) count;
  }

  double dropShare() {
    long dropped = drops.sum();
    return dropped == 0 ? 0 : dropped / (double) (dropped + samples.sum());
  }

  boolean heldBack() {
    return shed.sum() > 0;
  }

  int maxInFlight() {
    return maxInFlight.intValue();
  }
}
