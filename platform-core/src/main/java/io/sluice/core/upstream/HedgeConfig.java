package io.sluice.core.upstream;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A {@code hedge} block: when a request goes to a second endpoint as well.
 *
 * @param after how long to wait for a response head before; null where {@code percentile} tells
 * @param percentile the share of recent responses that came faster than the delay, above 0 and
 *     below 1; 0 where {@code after} tells
 * @param minSamples how many recent responses a percentile is worked out from at least
 * @param ratio hedges in proportion to requests, 0 to 1
 * @param perSecond hedges for each second on top
 */
public record HedgeConfig(
    @Nullable Duration after, double percentile, int minSamples, double ratio, int perSecond) {

  private static final String AFTER =
      "how long to wait for a response before a second endpoint is asked:"
          + " a duration, or a percentile of recent responses such as p95";
  private static final String EXPECTED = "a duration above 0, or a percentile from p50 to p99.9";

  /**
   * What stands under {@code hedge}.
   *
   * @param config the block, or null for {@code off}
   */
  public record Choice(@Nullable HedgeConfig config) {}

  /**
   * Reads what stands under {@code hedge}; null where nothing does.
   *
   * @param meaning of the key, for the reference
   */
  public static @Nullable Choice choice(LocatedSection config, String meaning) {
    Element element = config.element("hedge").describe(meaning).optional().orElse(null);
    if (element != null && element.isText()) {
      if (element.text().equals("off")) {
        return new Choice(null);
      }
      element.problem("\"" + element.text() + "\" is no block", "off or { after = 50ms }");
      return null;
    }
    return config
        .section("hedge")
        .describe(meaning)
        .optional()
        .map(block -> new Choice(decode(LocatedSection.of(block))))
        .orElse(null);
  }

  private static HedgeConfig decode(LocatedSection config) {
    Element element = config.element("after").describe(AFTER).optional().orElse(null);
    double percentile =
        element != null && element.isText() ? percentile(element.text()) : Double.NaN;
    Duration after = null;
    if (element != null && element.isText() && element.text().matches("p[0-9.]+")) {
      if (Double.isNaN(percentile)) {
        element.problem(
            "\"" + element.text() + "\" is out of range", "p50 to p99.9, or a duration");
      }
    } else {
      percentile = 0; // of no use beside a duration
      after =
          config
              .duration("after")
              .describe(AFTER)
              .check(time -> !time.isZero() && time.toDays() < 1, EXPECTED)
              .required();
    }
    ConfigSection budget =
        config
            .section("budget")
            .describe("how many hedges there may be")
            .orElse(config.empty("budget"));
    return new HedgeConfig(
        after,
        percentile,
        config
            .integer("min-samples", 10, 1_000_000)
            .describe("recent responses that a percentile is worked out from at least")
            .orElse(100L)
            .intValue(),
        budget.share("ratio", 100).describe("hedges in proportion to requests").orElse(0.1),
        budget
            .integer("per-second", 0, 1_000_000)
            .describe("hedges for each second on top of ratio")
            .orElse(1L)
            .intValue());
  }

  /** What {@code p95} means, or not a number. */
  private static double percentile(String text) {
    return text.matches("p[5-9][0-9](\\.[0-9])?")
        ? Double.parseDouble(text.substring(1)) / 100
        : Double.NaN;
  }
}
