package io.sluice.plugin.retrystandard;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.List;

/**
 * The keys of the {@code standard} retry policy.
 *
 * @param attempts the most tries for one exchange, the first included, 1 to 10; 3 by default
 * @param on what is tried again
 * @param perTry the time limit of one attempt, or {@link ConfigSection#OFF}
 * @param maxRetryAfter the longest Retry-After that is waited for
 * @param backoff how long to wait
 * @param budget how many retries there may be
 */
record StandardRetryConfig(
    int attempts,
    RetryConditions on,
    Duration perTry,
    Duration maxRetryAfter,
    BackoffConfig backoff,
    BudgetConfig budget) {

  private static final Duration LONGEST = Duration.ofDays(1);
  private static final String AT_MOST_A_DAY = "a time of at most 1d";

  /**
   * The keys of {@code backoff}.
   *
   * @param base the upper end of the first wait; 25 ms by default
   * @param max the upper end of every wait; 250 ms by default
   */
  record BackoffConfig(Duration base, Duration max) {

    private static final BackoffConfig DEFAULT =
        new BackoffConfig(Duration.ofMillis(25), Duration.ofMillis(250));

    private static BackoffConfig decode(ConfigSection config) {
      BackoffConfig decoded =
          new BackoffConfig(
              config
                  .duration("base")
                  .describe("upper end of the first wait; it doubles with each attempt")
                  .check(StandardRetryConfig::isBounded, AT_MOST_A_DAY)
                  .orElse(DEFAULT.base),
              config
                  .duration("max")
                  .describe("upper end of every wait")
                  .check(StandardRetryConfig::isBounded, AT_MOST_A_DAY)
                  .orElse(DEFAULT.max));
      if (decoded.max.compareTo(decoded.base) < 0) {
        config.problem("max", "is less than base", "at least base");
      }
      return decoded;
    }
  }

  /**
   * The keys of {@code budget}.
   *
   * @param ratio retries for each request, 0 to 1; 0.2 by default
   * @param perSecond retries for each second on top, so that an idle upstream has some; 10 by
   *     default
   * @param reserve the window over which both are counted, 1 s to 60 s; 10 s by default
   * @param concurrent the share of the upstream's exchanges under way that may be at a retry, above
   *     0 to 1; 0, the default, for no such bound
   * @param minConcurrent how many may be whatever the share says, 0 to 1,000,000; 3 by default
   */
  record BudgetConfig(
      double ratio, int perSecond, Duration reserve, double concurrent, int minConcurrent) {

    private static final BudgetConfig DEFAULT =
        new BudgetConfig(0.2, 10, Duration.ofSeconds(10), 0, 3);

    private static BudgetConfig decode(ConfigSection config) {
      return new BudgetConfig(
          config
              .share("ratio", 100)
              .describe("retries in proportion to requests")
              .orElse(DEFAULT.ratio),
          config
              .integer("per-second", 0, 1_000_000)
              .describe("retries for each second on top of ratio")
              .orElse((long) DEFAULT.perSecond)
              .intValue(),
          config
              .duration("reserve")
              .describe("how long what was earned may still be spent")
              .check(BudgetConfig::isWindow, "whole seconds from 1s to 60s")
              .orElse(DEFAULT.reserve),
          concurrent(config),
          config
              .integer("min-concurrent", 0, 1_000_000)
              .describe("exchanges that may be at a retry whatever concurrent says")
              .orElse((long) DEFAULT.minConcurrent)
              .intValue());
    }

    private static double concurrent(ConfigSection config) {
      return config
          .string("concurrent")
          .describe("the most exchanges at a retry, of those under way to the upstream; or off")
          .map(BudgetConfig::share, "a share above 0% and at most 100%, or off", 0.0)
          .orElse(DEFAULT.concurrent);
    }

    private static double share(String text) {
      if (text.equals("off")) {
        return 0;
      }
      if (!text.matches("[0-9]{1,3}(\\.[0-9]+)?%")) {
        throw new IllegalArgumentException("\"" + text + "\" is no share");
      }
      double share = Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
      if (share <= 0 || share > 1) {
        throw new IllegalArgumentException("\"" + text + "\" is out of range");
      }
      return share;
    }

    private static boolean isWindow(Duration reserve) {
      return reserve.toNanosPart() == 0 && reserve.toSeconds() >= 1 && reserve.toSeconds() <= 60;
    }
  }

  static StandardRetryConfig decode(ConfigSection config) {
    Duration perTry =
        config
            .timeout("per-try-timeout")
            .describe(
                "time limit of one attempt; then, unless on says otherwise, on has timeout too")
            .check(StandardRetryConfig::isLimit, "a time above 0 and at most 1d, or off")
            .orElse(ConfigSection.OFF);
    return new StandardRetryConfig(
        config
            .integer("attempts", 1, 10)
            .describe("the most tries for one exchange, the first included")
            .orElse(3L)
            .intValue(),
        config
            .strings("on")
            .describe("what is tried again: conditions and status codes")
            .map(RetryConditions::of, RetryConditions.EXPECTED, RetryConditions.DEFAULT)
            .orElse(
                perTry.equals(ConfigSection.OFF)
                    ? RetryConditions.DEFAULT
                    : RetryConditions.DEFAULT_WITH_TIMEOUT),
        perTry,
        config
            .duration("max-retry-after")
            .describe("the longest Retry-After waited for; a longer one ends the exchange")
            .check(StandardRetryConfig::isBounded, AT_MOST_A_DAY)
            .orElse(Duration.ofSeconds(1)),
        BackoffConfig.decode(
            config
                .section("backoff")
                .describe("how long to wait before a retry")
                .orElse(config.empty("backoff"))),
        BudgetConfig.decode(
            config
                .section("budget")
                .describe("how many retries there may be")
                .orElse(config.empty("budget"))));
  }

  private static boolean isBounded(Duration time) {
    return time.compareTo(LONGEST) <= 0;
  }

  private static boolean isLimit(Duration limit) {
    return limit.equals(ConfigSection.OFF) || (!limit.isZero() && isBounded(limit));
  }

  /** The names of {@code on} when it is absent; {@code timeout} with them where tries have one. */
  static final List<String> DEFAULT_CONDITIONS =
      List.of("connect-failure", "reset", "refused-stream", "502", "503", "504");
}
