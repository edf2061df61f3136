package io.sluice.plugin.circuitbreaker;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;

/**
 * The keys of the {@code standard} circuit breaker.
 *
 * @param window how far back attempts count, whole seconds from 1 s to 10 min; 10 s by default
 * @param windowCalls how many of the last attempts count, instead of a time; 0 where {@code window}
 *     decides
 * @param minCalls in the window before anything is decided; 20 by default, or as many as a window
 *     of calls has where those are fewer
 * @param failureRatio the share of failures from which it opens, or infinite for never; 0.5 by
 *     default
 * @param slowCall the time to the response head from which an attempt is slow, or {@link
 *     ConfigSection#OFF}, the default
 * @param slowRatio the share of slow attempts from which it opens; 0.8 by default
 * @param open how long it stays open first; 30 s by default
 * @param growth by what that grows each time the trials fail; 1, no growth, by default
 * @param maxOpen the longest it stays open; 5 min by default
 * @param trials attempts that are let through while half open; 5 by default
 * @param trialTimeout how long their outcome is waited for, before new ones are let through
 */
record StandardBreakerConfig(
    Duration window,
    int windowCalls,
    int minCalls,
    double failureRatio,
    Duration slowCall,
    double slowRatio,
    Duration open,
    double growth,
    Duration maxOpen,
    int trials,
    Duration trialTimeout) {

  private static final Duration LONGEST = Duration.ofDays(1);
  private static final int MOST_CALLS = 100_000;
  private static final long MIN_CALLS = 20;
  private static final String SHARE = "a share from 1% to 100%, or off";

  static StandardBreakerConfig decode(ConfigSection config) {
    if (config.has("window") && config.has("window-calls")) {
      config.problem("window-calls", "stands beside window", "one of the two");
    }
    Duration window =
        config
            .duration("window")
            .describe("how far back attempts count")
            .check(StandardBreakerConfig::isWindow, "whole seconds from 1s to 10m")
            .orElse(Duration.ofSeconds(10));
    int windowCalls =
        config
            .integer("window-calls", 1, MOST_CALLS)
            .describe("how many of the last attempts count, instead of a time")
            .orElse(0L)
            .intValue();
    StandardBreakerConfig decoded =
        new StandardBreakerConfig(
            window,
            windowCalls,
            config
                .integer("min-calls", 1, MOST_CALLS)
                .describe("attempts in the window before anything is decided")
                .orElse(windowCalls > 0 ? Math.min(windowCalls, MIN_CALLS) : MIN_CALLS)
                .intValue(),
            config
                .string("failure-ratio")
                .describe("share of failures from which it opens, or off")
                .map(StandardBreakerConfig::ratio, SHARE, 0.5)
                .orElse(0.5),
            config
                .timeout("slow-call")
                .describe("time to the response head from which an attempt is slow")
                .check(StandardBreakerConfig::isLimit, "a time above 0 and at most 1d, or off")
                .orElse(ConfigSection.OFF),
            config
                .share("slow-ratio", 100)
                .describe("share of slow attempts from which it opens")
                .check(share -> share >= 0.01, "1% to 100%")
                .orElse(0.8),
            time(config, "open", "how long it stays open before trials", 30),
            config
                .number("growth", 1, 10)
                .describe("by what the time open grows each time the trials fail")
                .orElse(1.0),
            time(config, "max-open", "the longest it stays open", 300),
            config
                .integer("trials", 1, 1000)
                .describe("attempts let through to find out whether the upstream is well again")
                .orElse(5L)
                .intValue(),
            time(config, "trial-timeout", "how long the outcome of trials is waited for", 60));
    if (decoded.maxOpen.compareTo(decoded.open) < 0) {
      config.problem("max-open", "is less than open", "at least open");
    }
    if (decoded.windowCalls > 0 && decoded.minCalls > decoded.windowCalls) {
      config.problem("min-calls", "is more than window-calls", "at most window-calls");
    }
    return decoded;
  }

  private static double ratio(String text) {
    if (text.equals("off")) {
      return Double.POSITIVE_INFINITY;
    }
    if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,9})? ?%")) {
      throw new IllegalArgumentException("\"" + text + "\" is not accepted");
    }
    double percent = Double.parseDouble(text.substring(0, text.length() - 1).strip());
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("\"" + text + "\" is out of range");
    }
    return percent / 100;
  }

  private static Duration time(ConfigSection config, String key, String meaning, int seconds) {
    return config
        .duration(key)
        .describe(meaning)
        .check(time -> !time.isZero() && time.compareTo(LONGEST) <= 0, "a time above 0, at most 1d")
        .orElse(Duration.ofSeconds(seconds));
  }

  private static boolean isWindow(Duration window) {
    return window.toNanosPart() == 0 && window.toSeconds() >= 1 && window.toSeconds() <= 600;
  }

  private static boolean isLimit(Duration limit) {
    return limit.equals(ConfigSection.OFF) || (!limit.isZero() && limit.compareTo(LONGEST) <= 0);
  }
}
