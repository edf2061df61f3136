package io.sluice.plugin.gradient2;

/**
 * The estimate of the limit: Netflix's Gradient2 (concurrency-limits, {@code Gradient2Limit};
 * "Performance Under Load", Netflix Technology Blog, 2018), which goes back to TCP Vegas.
 *
 * <p>The average time of attempts in a short window is compared with an exponential average over
 * many windows. Their ratio is the gradient:
 *
 * <pre>
 *   gradient = clamp(tolerance × long / short, 0.5, 1)
 *   target   = limit × gradient + queue
 *   limit    = limit × (1 − smoothing) + target × smoothing, within min and max
 * </pre>
 *
 * <p>Regimes: while {@code short ≤ tolerance × long} the gradient is 1 and the limit grows by
 * {@code smoothing × queue} a window. When attempts take longer it falls, the faster the longer
 * they take, at most by half of {@code smoothing}. It rests where {@code limit × (1 − gradient) =
 * queue}: for a server of {@code k} workers under constant overload at {@code tolerance × k +
 * queue}. While less than half of the limit is in use it stays, as times then say nothing about it.
 * When the long average is more than twice the short one it comes down by 5 % a window, so that a
 * bad hour is soon forgotten.
 *
 * <p>Three things are ours. Attempts that timed out or were turned away for overload lower the
 * gradient by their share, where the original takes no notice of them. The long average does not
 * rise while the limit is what holds attempts back: what is measured then is the queue that the
 * limit itself allows, and an average that follows it raises the limit step by step during a long
 * overload. Instead, after each {@code long-window} windows of that kind, the limit is halved until
 * a window has only attempts in it that began below that, and the long average moves half-way to
 * what they took: at half of {@code tolerance × k} there is no queue, so that is the server's own
 * time, be it what it was or slower for good. (Envoy's adaptive concurrency filter measures its
 * least time in such a way, every minute and at a concurrency of 3.)
 *
 * <p>On one thread at a time.
 */
final class Gradient2 {

  /** Until so many windows have been seen, the long average is the plain one. */
  private static final int WARM_UP = 10;

  private static final double STEEPEST = 0.5;
  private static final double FORGET = 0.95;
  private static final int PROBE_WINDOWS = 50;

  private final Gradient2Config config;
  private double limit;
  private double longNanos;
  private int windows;
  private int heldBackWindows;
  private int probeWindows;

  Gradient2(Gradient2Config config) {
    this.config = config;
    this.limit = config.initialLimit();
  }

  /** The limit, 1 or more. */
  double limit() {
    return probeWindows > 0 ? probeLimit() : limit;
  }

  private double probeLimit() {
    return Math.max(config.minLimit(), limit / 2);
  }

  /** The average over many windows, in nanoseconds. */
  double longNanos() {
    return longNanos;
  }

  /**
   * A window ended.
   *
   * @param shortNanos the average time of the attempts that ended well; NaN when there were none
   * @param maxInFlight the most that were in flight when one of them began
   * @param dropShare the share of attempts that timed out or were turned away
   * @param heldBack whether the limit held attempts back
   */
  void windowEnded(double shortNanos, int maxInFlight, double dropShare, boolean heldBack) {
    if (probeWindows > 0) {
      probed(shortNanos, maxInFlight);
      return;
    }
    heldBackWindows += heldBack ? 1 : 0;
    if (heldBackWindows >= config.longWindow()) {
      heldBackWindows = 0;
      probeWindows = PROBE_WINDOWS;
    }
    double gradient = 1;
    if (!Double.isNaN(shortNanos)) {
      learn(shortNanos, heldBack);
      gradient = Math.min(1, config.tolerance() * longNanos / shortNanos);
    }
    if (maxInFlight < limit / 2) {
      return;
    }
    gradient = Math.max(STEEPEST, gradient * (1 - dropShare));
    double target = limit * gradient + config.queue();
    double next = limit * (1 - config.smoothing()) + target * config.smoothing();
    limit = Math.max(config.minLimit(), Math.min(config.maxLimit(), next));
  }

  /** Waits for a window without attempts from before the limit was halved, for a while. */
  private void probed(double shortNanos, int maxInFlight) {
    probeWindows--;
    if (!Double.isNaN(shortNanos) && maxInFlight <= probeLimit()) {
      longNanos += (shortNanos - longNanos) / 2;
      probeWindows = 0;
    }
  }

  private void learn(double shortNanos, boolean heldBack) {
    if (windows < WARM_UP) {
      windows++;
      longNanos += (shortNanos - longNanos) / windows;
    } else if (shortNanos < longNanos || !heldBack) {
      longNanos += (shortNanos - longNanos) * 2 / (config.longWindow() + 1);
    }
    if (longNanos > 2 * shortNanos) {
      longNanos *= FORGET;
    }
  }
}
