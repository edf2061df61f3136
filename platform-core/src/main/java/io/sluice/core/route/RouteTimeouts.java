package io.sluice.core.route;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;

/**
 * How long a route waits. {@link ConfigSection#OFF} is no limit.
 *
 * @param request for the whole exchange
 * @param firstByte between the last octet of the request and the first of the response
 * @param idle between two octets, in either direction
 */
public record RouteTimeouts(Duration request, Duration firstByte, Duration idle) {

  static RouteTimeouts decode(ConfigSection section) {
    return new RouteTimeouts(
        section
            .timeout("request")
            .describe("how long the whole exchange may take")
            .orElse(ConfigSection.OFF),
        section
            .timeout("first-byte")
            .describe("how long the response may take to begin after the request's last byte")
            .orElse(Duration.ofSeconds(30)),
        section
            .timeout("idle")
            .describe("how long a body may stand still")
            .orElse(Duration.ofSeconds(60)));
  }
}
