package io.sluice.plugin.peakewma;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;

/**
 * The keys of {@code peak-ewma}.
 *
 * @param decay the time in which what is known of an endpoint fades to 1/e, 100 ms to an hour; 10 s
 *     by default
 * @param failureFactor how many times slower each failure in a row makes an endpoint look, 1 (no
 *     slower than it was) to 100; 4 by default
 */
record PeakEwmaConfig(Duration decay, double failureFactor) {

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);

  static PeakEwmaConfig decode(ConfigSection config) {
    return new PeakEwmaConfig(
        config
            .duration("decay")
            .describe("the time in which what is known of an endpoint fades to 1/e")
            .check(PeakEwmaConfig::isDecay, "a time from 100ms to 1h")
            .orElse(Duration.ofSeconds(10)),
        config
            .number("failure-factor", 1, 100)
            .describe("how many times slower each failure in a row makes an endpoint look")
            .orElse(4.0));
  }

  private static boolean isDecay(Duration decay) {
    return decay.compareTo(SHORTEST) >= 0 && decay.compareTo(LONGEST) <= 0;
  }
}
