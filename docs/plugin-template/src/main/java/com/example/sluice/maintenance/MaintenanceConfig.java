package com.example.sluice.maintenance;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The keys of {@code maintenance}. Every read says what the key means; from that come the checks, the
 * hints and the output of {@code sluice plugins}.
 *
 * @param paths the paths that are closed, matched as a whole
 * @param message what the page says
 * @param retryAfter when to come back
 * @param allow addresses that pass all the same
 * @param tellLibrary whether the answer names the library in use
 */
record MaintenanceConfig(
    Pattern paths, String message, Duration retryAfter, Set<String> allow, boolean tellLibrary) {

  private static final Pattern EVERYTHING = Pattern.compile(".*");

  static MaintenanceConfig decode(ConfigSection config) {
    return new MaintenanceConfig(
        config
            .string("paths")
            .describe("regular expression (RE2) of the paths that are closed")
            .map(MaintenanceConfig::pattern, "a regular expression (RE2)", EVERYTHING)
            .orElse(EVERYTHING),
        config.string("message").describe("what the page says").orElse("Back soon."),
        config
            .duration("retry-after")
            .describe("when the client is asked to come back")
            .check(time -> time.toSeconds() > 0, "at least 1s")
            .orElse(Duration.ofMinutes(5)),
        Set.copyOf(
            config.strings("allow").describe("addresses that pass all the same").orElse(List.of())),
        config
            .flag("tell-library")
            .describe("whether the answer names the library in use")
            .orElse(false));
  }

  /** Throws what {@code map} makes a located problem of. */
  private static Pattern pattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(e.getDescription(), e);
    }
  }
}
