package io.sluice.plugin.outlierstandard;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The keys of the {@code standard} outlier detector; {@code max-ejected} beside them is the
 * platform's.
 *
 * @param consecutiveFailures failures in a row of any kind, or {@link #OFF}; 5 by default
 * @param consecutiveGatewayFailures 502, 503, 504 and network failures in a row, or {@link #OFF},
 *     the default
 * @param splitLocal whether network failures are kept apart from what the endpoint answers
 * @param consecutiveLocalFailures network failures in a row while they are kept apart; 5 by default
 * @param interval between two comparisons of the endpoints, 1 s to 1 h; 10 s by default
 * @param baseEjection the first ejection's time; the n-th in a row lasts n times that
 * @param maxEjection the longest ejection, before jitter
 * @param jitter how much of its time an ejection may last longer, so that endpoints that went
 *     together do not come back together
 * @param restoreOnCheck whether a passing active check ends an ejection
 * @param successRate endpoints that succeed less than the others
 * @param failureShare endpoints that fail more than they may
 * @param latency endpoints that are slower than the others
 */
record StandardOutlierConfig(
    int consecutiveFailures,
    int consecutiveGatewayFailures,
    boolean splitLocal,
    int consecutiveLocalFailures,
    Duration interval,
    Duration baseEjection,
    Duration maxEjection,
    double jitter,
    boolean restoreOnCheck,
    SuccessRate successRate,
    FailureShare failureShare,
    Latency latency) {

  /** A count that nothing reaches. */
  static final int OFF = Integer.MAX_VALUE;

  private static final Duration LONGEST = Duration.ofDays(1);
  private static final int MOST = 1_000_000;
  private static final int MOST_INTERVALS = 60;
  private static final String COUNT = "a whole number from 1 to 1000000, or off";

  private static final Limit FIVE = new Limit(5, "5");
  private static final Limit FACTOR = new Limit(1.9, "1.9");
  private static final Limit RATIO = new Limit(3, "3");
  private static final Limit NEVER = new Limit(Double.POSITIVE_INFINITY, "off");

  /** A number as the configuration writes it, for {@code off} is a default too. */
  private record Limit(double value, String text) {

    static Function<String, Limit> by(ToDoubleFunction<String> reading) {
      return text -> new Limit(reading.applyAsDouble(text), text);
    }

    int count() {
      return (int) value;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * The keys of {@code success-rate}.
   *
   * @param factor standard deviations below the mean at which an endpoint is out, or infinite for
   *     never; 1.9 by default
   * @param minEndpoints how many must have had enough requests
   * @param minRequests in an interval, for an endpoint to take part
   * @param minGap how far below the mean the rate must be at least, a share
   */
  record SuccessRate(double factor, int minEndpoints, int minRequests, double minGap) {

    private static SuccessRate decode(ConfigSection config) {
      return new SuccessRate(
          config
              .string("factor")
              .describe("standard deviations below the mean at which an endpoint is out, or off")
              .map(
                  Limit.by(StandardOutlierConfig::factor),
                  "a number from 0.1 to 100, or off",
                  FACTOR)
              .orElse(FACTOR)
              .value(),
          leastEndpoints(config, 5),
          leastRequests(config, 100),
          config
              .share("min-gap", 100)
              .describe("how far below the mean a success rate must be at least")
              .orElse(0.05));
    }
  }

  /**
   * The keys of {@code failure-share}.
   *
   * @param threshold the share of failures from which an endpoint is out, or infinite for never,
   *     the default
   * @param minEndpoints how many must have had enough requests
   * @param minRequests in an interval, for an endpoint to take part
   */
  record FailureShare(double threshold, int minEndpoints, int minRequests) {

    private static FailureShare decode(ConfigSection config) {
      return new FailureShare(
          config
              .string("threshold")
              .describe("share of failures from which an endpoint is out, or off")
              .map(
                  Limit.by(StandardOutlierConfig::threshold),
                  "a share from 1% to 100%, or off",
                  NEVER)
              .orElse(NEVER)
              .value(),
          leastEndpoints(config, 5),
          leastRequests(config, 50));
    }
  }

  /**
   * The keys of {@code latency}.
   *
   * @param ratio how many times slower than the others an endpoint is out, or infinite for never; 3
   *     by default
   * @param quantile of an endpoint's times, which is compared; the median by default
   * @param minEndpoints how many must have had enough requests
   * @param minRequests within the window, for an endpoint to take part
   * @param window how far back requests are gathered until there are enough; 30 s by default, and
   *     never less than an interval
   * @param minDifference how much slower in time it must be at least
   */
  record Latency(
      double ratio,
      double quantile,
      int minEndpoints,
      int minRequests,
      Duration window,
      Duration minDifference) {

    private static Latency decode(ConfigSection config, Duration interval) {
      Duration window =
          config
              .duration("window")
              .describe("how far back requests are gathered until there are enough")
              .check(StandardOutlierConfig::isSecondToHour, "a time from 1s to 1h")
              .orElse(Duration.ofSeconds(30));
      if (window.dividedBy(interval) > MOST_INTERVALS) {
        config.problem(
            "window",
            "is more than " + MOST_INTERVALS + " times interval",
            "at most " + interval.toSeconds() * MOST_INTERVALS + "s");
      }
      return new Latency(
          config
              .string("ratio")
              .describe("how many times slower than the others an endpoint is out, or off")
              .map(
                  Limit.by(StandardOutlierConfig::ratio),
                  "a number from 1.1 to 1000, or off",
                  RATIO)
              .orElse(RATIO)
              .value(),
          config
              .share("quantile", 99)
              .describe("of an endpoint's times to the response head, which is compared")
              .check(share -> share >= 0.01, "1% to 99%")
              .orElse(0.5),
          leastEndpoints(config, 3),
          config
              .integer("min-requests", 1, MOST)
              .describe("requests within the window for an endpoint to take part")
              .orElse(20L)
              .intValue(),
          window,
          config
              .duration("min-difference")
              .describe("how much slower in time an endpoint must be at least")
              .check(time -> time.compareTo(LONGEST) <= 0, "a time of at most 1d")
              .orElse(Duration.ofMillis(20)));
    }
  }

  static StandardOutlierConfig decode(ConfigSection config) {
    Duration interval =
        config
            .duration("interval")
            .describe("between two comparisons of the endpoints")
            .check(StandardOutlierConfig::isSecondToHour, "a time from 1s to 1h")
            .orElse(Duration.ofSeconds(10));
    StandardOutlierConfig decoded =
        new StandardOutlierConfig(
            count(config, "consecutive-failures", "failures in a row that eject, or off", FIVE),
            count(
                config,
                "consecutive-gateway-failures",
                "502, 503, 504 and network failures in a row that eject, or off",
                new Limit(OFF, "off")),
            config
                .flag("split-local-failures")
                .describe("keep network failures apart from what endpoints answer")
                .orElse(false),
            count(
                config,
                "consecutive-local-failures",
                "network failures in a row that eject while they are kept apart, or off",
                FIVE),
            interval,
            ejection(config, "base-ejection", "the first ejection's time", 30),
            ejection(config, "max-ejection", "the longest ejection, before jitter", 300),
            config
                .share("jitter", 100)
                .describe("how much longer an ejection may last by chance")
                .orElse(0.1),
            config
                .flag("restore-on-check")
                .describe("whether a passing active check ends an ejection")
                .orElse(true),
            SuccessRate.decode(
                config
                    .section("success-rate")
                    .describe("endpoints that succeed less than the others")
                    .orElse(config.empty("success-rate"))),
            FailureShare.decode(
                config
                    .section("failure-share")
                    .describe("endpoints that fail more than they may")
                    .orElse(config.empty("failure-share"))),
            Latency.decode(
                config
                    .section("latency")
                    .describe("endpoints that are slower than the others")
                    .orElse(config.empty("latency")),
                interval));
    if (decoded.maxEjection.compareTo(decoded.baseEjection) < 0) {
      config.problem("max-ejection", "is less than base-ejection", "at least base-ejection");
    }
    return decoded;
  }

  /** How many intervals {@link Latency#window} has room for. */
  int latencyIntervals() {
    return (int) Math.max(1, latency.window().dividedBy(interval));
  }

  private static int count(ConfigSection config, String key, String meaning, Limit fallback) {
    return config
        .string(key)
        .describe(meaning)
        .map(Limit.by(StandardOutlierConfig::countOf), COUNT, fallback)
        .orElse(fallback)
        .count();
  }

  private static double countOf(String text) {
    return text.equals("off") ? OFF : within(text, 1, MOST, true);
  }

  private static double factor(String text) {
    return text.equals("off") ? Double.POSITIVE_INFINITY : within(text, 0.1, 100, false);
  }

  private static double ratio(String text) {
    return text.equals("off") ? Double.POSITIVE_INFINITY : within(text, 1.1, 1000, false);
  }

  private static double threshold(String text) {
    if (text.equals("off")) {
      return Double.POSITIVE_INFINITY;
    }
    if (!text.endsWith("%")) {
      throw new IllegalArgumentException("\"" + text + "\" has no unit");
    }
    return within(text.substring(0, text.length() - 1).strip(), 1, 100, false) / 100;
  }

  private static boolean isSecondToHour(Duration time) {
    return time.compareTo(Duration.ofSeconds(1)) >= 0 && time.compareTo(Duration.ofHours(1)) <= 0;
  }

  private static double within(String text, double min, double max, boolean whole) {
    if (!text.matches(whole ? "[0-9]{1,9}" : "[0-9]{1,9}(\\.[0-9]{1,9})?")) {
      throw new IllegalArgumentException("\"" + text + "\" is not accepted");
    }
    double value = Double.parseDouble(text);
    if (value < min || value > max) {
      throw new IllegalArgumentException("\"" + text + "\" is out of range");
    }
    return value;
  }

  private static Duration ejection(
      ConfigSection config, String key, String meaning, int fallbackSeconds) {
    return config
        .duration(key)
        .describe(meaning)
        .check(time -> !time.isZero() && time.compareTo(LONGEST) <= 0, "a time above 0, at most 1d")
        .orElse(Duration.ofSeconds(fallbackSeconds));
  }

  private static int leastEndpoints(ConfigSection config, int fallback) {
    return config
        .integer("min-endpoints", 2, MOST)
        .describe("how many endpoints must have had min-requests")
        .orElse((long) fallback)
        .intValue();
  }

  private static int leastRequests(ConfigSection config, int fallback) {
    return config
        .integer("min-requests", 1, MOST)
        .describe("requests in an interval for an endpoint to take part")
        .orElse((long) fallback)
        .intValue();
  }
}
