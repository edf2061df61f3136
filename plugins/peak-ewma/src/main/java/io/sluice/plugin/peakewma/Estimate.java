package io.sluice.plugin.peakewma;

/**
 * What is known of one endpoint: how long it takes to answer, and whether it fails. Kept at the
 * endpoint, so it outlives changes of candidates and reloads. Thread-safe, without a lock; an
 * observation that meets another at the same moment is repeated.
 *
 * <p><b>Latency</b> is a moving average that is quick to rise and slow to fall, as in Finagle's
 * {@code PeakEwma}: an answer slower than the average replaces it; a faster one moves it by {@code
 * 1 − e^(−t/decay)}, t being the time since the last one (A. Eckner, "Algorithms for Unevenly
 * Spaced Time Series").
 *
 * <p><b>The penalty</b> is ours. A failure says nothing of how long an answer takes, and a fast one
 * least of all; so it never lowers the latency, and each one in a row makes the endpoint look
 * {@code failure-factor} times slower, up to {@value #MOST}. A success takes it back quickly: with
 * s = 1/√penalty, the share of recent attempts that succeeded, s becomes (1 + s)/2, so that 4,096
 * falls to 3.9, 1.8, 1.3. What is kept is the number of failures in a row, and without attempts it
 * fades by e in each decay time: a large penalty falls fast at first, 4,096 to 21 in the first. An
 * endpoint that fails now and then is thereby hardly avoided, one that always fails nearly always.
 */
final class Estimate {

  /** The penalty of six failures in a row; it keeps its endpoint from 4,000 requests in flight. */
  static final double MOST = 4096;

  /** A penalty this small, by its logarithm, is none. */
  private static final double LEAST = 0.05;

  private final Faded latency;
  private final Faded inARow;
  private final double logFactor;

  Estimate(PeakEwmaConfig config) {
    long decayNanos = config.decay().toNanos();
    this.latency = new Faded(decayNanos);
    this.inARow = new Faded(decayNanos);
    this.logFactor = Math.log(config.failureFactor());
  }

  /** The latency to be handed to {@link #nanos} and {@link #freshness}. */
  long latency() {
    return latency.word();
  }

  /** The latency when it was last observed; 0 before the first answer. */
  static double nanos(long latency) {
    return Faded.value(latency);
  }

  /** How much the latency still says: 1 just after an answer, towards 0; 0 before the first. */
  double freshness(long word, long now) {
    return Faded.isNothing(word) ? 0 : latency.freshness(word, now);
  }

  /** How many times slower than its latency the endpoint is to look, from 1 up. */
  double penalty(long now) {
    long word = inARow.word();
    return Faded.isNothing(word) ? 1 : Math.exp(logFactor * inARow(word, now));
  }

  /** Failures in a row, as far as they still count; 0 for none. */
  private double inARow(long word, long now) {
    return Faded.value(word) * inARow.freshness(word, now);
  }

  /** The endpoint answered. */
  void answered(long nanos, long now) {
    double seen = Math.max(1, nanos);
    boolean done = false;
    while (!done) {
      long before = latency.word();
      double old = Faded.value(before);
      if (Faded.isNothing(before) || seen >= old) {
        done = latency.replace(before, seen, now);
      } else {
        double kept = latency.freshness(before, now);
        // Within one tick an average does not move, and there is nothing to write.
        done = kept == 1 || latency.replace(before, old * kept + seen * (1 - kept), now);
      }
    }
    forgive(now);
  }

  private void forgive(long now) {
    boolean done = false;
    while (!done) {
      long before = inARow.word();
      if (Faded.isNothing(before)) {
        return;
      }
      double succeeded = (1 + Math.exp(-logFactor * inARow(before, now) / 2)) / 2;
      double logPenalty = -2 * Math.log(succeeded);
      done =
          logPenalty < LEAST
              ? inARow.clear(before)
              : inARow.replace(before, logPenalty / logFactor, now);
    }
  }

  /** The endpoint failed after a time, which counts where it is longer than an answer takes. */
  void failed(long nanos, long now) {
    boolean done = false;
    while (!done) {
      long before = latency.word();
      done =
          Faded.isNothing(before)
              || nanos <= Faded.value(before)
              || latency.replace(before, (double) nanos, now);
    }
    done = logFactor == 0;
    while (!done) {
      long before = inARow.word();
      double more = inARow(before, now) + 1;
      done = inARow.replace(before, Math.min(Math.log(MOST) / logFactor, more), now);
    }
  }
}
