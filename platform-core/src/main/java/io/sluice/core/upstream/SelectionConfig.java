package io.sluice.core.upstream;

import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an upstream that say who of its endpoints may be picked.
 *
 * @param panicThreshold the share of eligible endpoints below which a level is given up; 0 for
 *     never
 * @param overprovisioning how many times its eligible share a level may carry; 0 where a level
 *     carries everything while it has one eligible endpoint
 * @param zoneAware null where zones count for nothing
 * @param slowStart null for none
 */
record SelectionConfig(
    double panicThreshold,
    double overprovisioning,
    @Nullable ZoneAware zoneAware,
    @Nullable SlowStart slowStart) {

  static SelectionConfig decode(LocatedSection upstream, @Nullable String zone) {
    return new SelectionConfig(
        share(
            upstream,
            "panic-threshold",
            "below this share of eligible endpoints all of them serve; off for never",
            0,
            100),
        share(
            upstream,
            "overprovisioning",
            "a level carries so many times its share of eligible endpoints, and the next ones the"
                + " rest; off: all of it while it has an eligible endpoint",
            100,
            1000),
        ZoneAware.decode(upstream, zone),
        SlowStart.decode(upstream));
  }

  private static double share(
      LocatedSection upstream, String key, String meaning, int minPercent, int maxPercent) {
    Element element = upstream.element(key).describe(meaning).optional().orElse(null);
    if (element == null || (element.isText() && element.text().equals("off"))) {
      return 0;
    }
    return upstream
        .share(key, maxPercent)
        .describe(meaning)
        .check(value -> value >= minPercent / 100.0, "off, or at least " + minPercent + "%")
        .orElse(0.0);
  }
}
