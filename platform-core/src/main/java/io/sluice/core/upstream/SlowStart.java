package io.sluice.core.upstream;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the weight of an endpoint grows from the moment it became eligible: after a share <i>t</i> of
 * the window it counts for {@code max(floor, t^(1 / aggression))} of its weight. That is Envoy's
 * formula ("Slow start mode" in its load-balancing manual), the same as HAProxy's {@code slowstart}
 * at aggression 1, where it is a straight line; above 1 it is steep at first, below 1 at last.
 *
 * <p>Every endpoint goes through it, also when the process starts. Only ratios of weights count, so
 * the one that has grown most counts in full: those that start together serve as if nothing were,
 * and one that comes late is spared for as long as the others are ahead of it.
 *
 * @param windowNanos until the whole weight counts
 * @param aggression the shape, 0.1 to 10; 1 is a straight line
 * @param floor the least share that counts, 0.01 to 1
 */
record SlowStart(long windowNanos, double aggression, double floor) {

  private static final String MEANING =
      "an endpoint that becomes eligible gets its full weight only after this time; off, or a block"
          + " with window, aggression and floor";
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(24);

  /** Steps from the floor to the whole. */
  private static final int STEPS = 50;

  private static final long SHORTEST_STEP_NANOS = 20_000_000;
  private static final long LONGEST_STEP_NANOS = 1_000_000_000;

  static @Nullable SlowStart decode(LocatedSection upstream) {
    Element element = upstream.element("slow-start").describe(MEANING).optional().orElse(null);
    if (element == null || (element.isText() && element.text().equals("off"))) {
      return null;
    }
    if (element.isSection()) {
      ConfigSection block = element.section();
      return of(
          block
              .duration("window")
              .describe("the time that it takes")
              .check(SlowStart::inRange, "100ms to 24h")
              .orElse(Duration.ofSeconds(30)),
          block
              .number("aggression", 0.1, 10)
              .describe("1 grows in a straight line, more is faster at first, less is slower")
              .orElse(1.0),
          block
              .share("floor", 100)
              .describe("the share of its weight that an endpoint begins with")
              .check(floor -> floor >= 0.01, "1% to 100%")
              .orElse(0.1));
    }
    return of(
        upstream
            .duration("slow-start")
            .describe(MEANING)
            .check(SlowStart::inRange, "100ms to 24h")
            .orElse(Duration.ofSeconds(30)),
        1,
        0.1);
  }

  private static boolean inRange(Duration window) {
    return window.compareTo(SHORTEST) >= 0 && window.compareTo(LONGEST) <= 0;
  }

  private static SlowStart of(Duration window, double aggression, double floor) {
    return new SlowStart(window.toNanos(), aggression, floor);
  }

  /** The share of its weight that counts so long after an endpoint became eligible. */
  double share(long elapsedNanos) {
    if (elapsedNanos >= windowNanos) {
      return 1;
    }
    double time = Math.max(0, elapsedNanos) / (double) windowNanos;
    return Math.max(floor, aggression == 1 ? time : Math.pow(time, 1 / aggression));
  }

  /** How long a share may stand before it is worked out again. */
  long stepNanos() {
    return Math.min(LONGEST_STEP_NANOS, Math.max(SHORTEST_STEP_NANOS, windowNanos / STEPS));
  }
}
