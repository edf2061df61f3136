package io.sluice.plugin.certificateselfsigned;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.List;

/**
 * The keys of {@code self-signed}.
 *
 * @param names host names, wildcards and addresses that the certificate is for; those of this
 *     machine to itself by default
 * @param validity how long a certificate is good; 30 days by default
 */
record SelfSignedConfig(List<String> names, Duration validity) {

  private static final List<String> LOCAL = List.of("localhost", "127.0.0.1", "::1");
  private static final Duration SHORTEST = Duration.ofMinutes(10);

  /** What browsers accept at most (CA/Browser Forum, Baseline Requirements §6.3.2). */
  private static final Duration LONGEST = Duration.ofDays(398);

  static SelfSignedConfig decode(ConfigSection config) {
    return new SelfSignedConfig(
        config
            .strings("names")
            .describe("host names, wildcards and addresses that the certificate is for")
            .check(
                names -> !names.isEmpty() && names.stream().allMatch(SelfSignedConfig::isName),
                "host names, *. and a host name, or addresses")
            .orElse(LOCAL),
        config
            .duration("validity")
            .describe("how long a certificate is good; another one is made after two thirds of it")
            .check(
                time -> time.compareTo(SHORTEST) >= 0 && time.compareTo(LONGEST) <= 0,
                "10m to 398d")
            .orElse(Duration.ofDays(30)));
  }

  private static boolean isName(String name) {
    return SubjectName.isAddress(name)
        || name.matches("(\\*\\.)?[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*");
  }
}
