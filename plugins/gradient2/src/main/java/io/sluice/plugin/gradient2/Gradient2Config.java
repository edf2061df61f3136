package io.sluice.plugin.gradient2;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of the {@code gradient2} concurrency limiter. Defaults are those of Netflix's {@code
 * Gradient2Limit} where it has them.
 *
 * @param initialLimit where it begins; 20 by default
 * @param minLimit never below; 20 by default
 * @param maxLimit never above; 200 by default
 * @param tolerance how many times longer than in the long run attempts may take before the limit
 *     falls; 1.5 by default
 * @param smoothing how much of each step is taken; 0.2 by default
 * @param queue attempts above what the endpoints can work on that are always allowed, and so how
 *     fast the limit grows; 4 by default
 * @param longWindow over how many windows the long run reaches; 600 by default
 * @param window over which times are averaged, 10 ms to 1 min; 100 ms by default
 * @param minSamples without so many attempts a window goes on; 10 by default
 * @param shares of the limit by priority, the first one 1, none more than the one before
 */
record Gradient2Config(
    int initialLimit,
    int minLimit,
    int maxLimit,
    double tolerance,
    double smoothing,
    int queue,
    int longWindow,
    Duration window,
    int minSamples,
    List<Double> shares) {

  private static final int MOST = 1_000_000;
  private static final List<Double> SHARES = List.of(1.0, 0.9, 0.8, 0.7);

  static Gradient2Config decode(ConfigSection config) {
    Gradient2Config decoded =
        new Gradient2Config(
            count(config, "initial-limit", "the limit to begin with", 20),
            count(config, "min-limit", "the limit is never below", 20),
            count(config, "max-limit", "the limit is never above", 200),
            config
                .number("tolerance", 1, 10)
                .describe("how many times longer than usual attempts may take")
                .orElse(1.5),
            config
                .number("smoothing", 0.01, 1)
                .describe("how much of each step towards a new limit is taken")
                .orElse(0.2),
            count(config, "queue", "attempts allowed above what endpoints can work on", 4),
            count(config, "long-window", "over how many windows times are compared", 600),
            config
                .duration("window")
                .describe("over which times are averaged")
                .check(
                    time ->
                        time.compareTo(Duration.ofMillis(10)) >= 0
                            && time.compareTo(Duration.ofMinutes(1)) <= 0,
                    "a time from 10ms to 1m")
                .orElse(Duration.ofMillis(100)),
            count(config, "min-samples", "attempts that a window has at least", 10),
            config
                .strings("priorities")
                .describe("share of the limit that each priority may use, from the most important")
                .map(
                    Gradient2Config::sharesOf,
                    "shares from 1% to 100% that do not grow, the first 100%",
                    SHARES)
                .orElse(SHARES));
    if (decoded.minLimit > decoded.maxLimit) {
      config.problem("min-limit", "is more than max-limit", "at most max-limit");
    } else if (decoded.initialLimit < decoded.minLimit || decoded.initialLimit > decoded.maxLimit) {
      config.problem("initial-limit", "is not between min-limit and max-limit", "");
    }
    return decoded;
  }

  private static int count(ConfigSection config, String key, String meaning, int fallback) {
    return config.integer(key, 1, MOST).describe(meaning).orElse((long) fallback).intValue();
  }

  private static List<Double> sharesOf(List<String> texts) {
    List<Double> shares = new ArrayList<>();
    double before = 1;
    for (String text : texts) {
      if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,9})? ?%")) {
        throw new IllegalArgumentException("\"" + text + "\" is no share");
      }
      double share = Double.parseDouble(text.substring(0, text.length() - 1).strip()) / 100;
      if (share < 0.01 || share > before) {
        throw new IllegalArgumentException("\"" + text + "\" is out of range");
      }
      shares.add(share);
      before = share;
    }
    if (shares.isEmpty() || shares.get(0) < 1) {
      throw new IllegalArgumentException("the first priority has not the whole limit");
    }
    return List.copyOf(shares);
  }
}
