package io.sluice.plugin.discoveryfile;

import io.sluice.api.config.ConfigSection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * The keys of the {@code file} discovery.
 *
 * @param path the file
 * @param format how it is written
 * @param poll how often it is looked at besides events
 * @param debounce how long after an event it is read
 */
record FileDiscoveryConfig(Path path, Format format, Duration poll, Duration debounce) {

  /** How a file may be written. */
  enum Format {
    /** JSON where the name ends in {@code .json}, else lines. */
    AUTO,
    JSON,
    LINES
  }

  static FileDiscoveryConfig decode(ConfigSection config) {
    return new FileDiscoveryConfig(
        config.file("path").describe("the file that lists the endpoints").required(),
        config
            .choice("format", Format.class)
            .describe("how it is written; auto: json where the name ends in .json, else lines")
            .orElse(Format.AUTO),
        config
            .duration("poll")
            .describe("how often the file is looked at, where the file system tells nothing")
            .check(FileDiscoveryConfig::positive, "more than 0")
            .orElse(Duration.ofSeconds(5)),
        config
            .duration("debounce")
            .describe("how long after a change the file is read, so that writing it may end")
            .orElse(Duration.ofMillis(100)));
  }

  private static boolean positive(Duration time) {
    return !time.isZero();
  }

  /** Whether the file is JSON. */
  boolean json() {
    return format == Format.JSON
        || (format == Format.AUTO && path.toString().toLowerCase(Locale.ROOT).endsWith(".json"));
  }
}
