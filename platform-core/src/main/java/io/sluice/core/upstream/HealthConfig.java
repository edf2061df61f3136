package io.sluice.core.upstream;

import io.sluice.core.config.LocatedSection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@code health-check} block that is the same for every type: when to ask and how
 * often to believe.
 *
 * @param interval between the starts of two probes of a well endpoint
 * @param unhealthyInterval the same for one that is not
 * @param timeout of one probe
 * @param healthy good verdicts in a row that make an endpoint healthy
 * @param unhealthy bad ones that make it unhealthy
 * @param jitter the share by which each interval is stretched or shortened at random
 * @param initiallyHealthy what an endpoint counts as before the first verdict
 */
public record HealthConfig(
    Duration interval,
    Duration unhealthyInterval,
    Duration timeout,
    int healthy,
    int unhealthy,
    double jitter,
    boolean initiallyHealthy) {

  /** What an endpoint counts as before it was asked. */
  enum Initial {
    HEALTHY,
    UNHEALTHY
  }

  private static final HealthConfig NONE =
      new HealthConfig(Duration.ZERO, Duration.ZERO, Duration.ZERO, 1, 1, 0, true);

  static HealthConfig decode(@Nullable LocatedSection config, LocatedSection upstream) {
    if (config == null) {
      return NONE;
    }
    Duration interval =
        config
            .duration("interval")
            .describe("from the start of one probe to the start of the next")
            .check(HealthConfig::atLeastTenMillis, "at least 10ms")
            .orElse(Duration.ofSeconds(5));
    Duration unhealthyInterval =
        config
            .duration("unhealthy-interval")
            .describe("the interval while the endpoint is unhealthy; default: interval")
            .check(HealthConfig::atLeastTenMillis, "at least 10ms")
            .orElse(interval);
    Duration timeout =
        config
            .duration("timeout")
            .describe("how long one probe may take")
            .check(HealthConfig::atLeastTenMillis, "at least 10ms")
            .orElse(Duration.ofSeconds(2));
    boolean gated =
        upstream
                .choice("require-at-start", UpstreamConfig.RequireAtStart.class)
                .describe("what must be true before the process counts as ready")
                .orElse(UpstreamConfig.RequireAtStart.NONE)
            == UpstreamConfig.RequireAtStart.HEALTHY;
    Initial initial =
        config
            .choice("initial", Initial.class)
            .describe(
                "what an endpoint counts as before the first verdict; unhealthy where the upstream"
                    + " requires a healthy one at start")
            .orElse(gated ? Initial.UNHEALTHY : Initial.HEALTHY);
    return new HealthConfig(
        interval,
        unhealthyInterval,
        timeout,
        count(config, "healthy", "good verdicts in a row that make it healthy", 2),
        count(config, "unhealthy", "bad verdicts in a row that make it unhealthy", 3),
        config
            .share("jitter", 100)
            .describe("how far each interval is stretched or shortened at random")
            .orElse(0.1),
        initial == Initial.HEALTHY);
  }

  private static boolean atLeastTenMillis(Duration time) {
    return time.toMillis() >= 10;
  }

  private static int count(LocatedSection config, String key, String meaning, long fallback) {
    return config.integer(key, 1, 1000).describe(meaning).orElse(fallback).intValue();
  }
}
