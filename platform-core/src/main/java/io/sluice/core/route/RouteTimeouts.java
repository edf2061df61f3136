package io.sluice.core.route;

import static java.util.Locale.ROOT;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long a route waits. {@link ConfigSection#OFF} is no limit.
 *
 * @param request for the whole exchange
 * @param firstByte between the last octet of the request and the first of the response
 * @param idle between two octets, in either direction
 * @param propagate the request field in which endpoints are told what is left of {@code request},
 *     and in which trusted clients tell us; null for none
 */
public record RouteTimeouts(
    Duration request, Duration firstByte, Duration idle, @Nullable String propagate) {

  /** What already has a meaning that a number would break. */
  private static final Set<String> HOP_OR_FRAMING =
      Set.of("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "via");

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
            .orElse(Duration.ofSeconds(60)),
        propagate(section));
  }

  private static @Nullable String propagate(ConfigSection section) {
    String field =
        section
            .string("propagate")
            .describe(
                "field in which endpoints are told what is left of request, and trusted clients"
                    + " tell us: grpc-timeout, or any other for milliseconds; or off")
            .check(RouteTimeouts::isFieldName, "a field name such as X-Request-Timeout-Ms, or off")
            .orElse("off");
    return field.equals("off") ? null : field;
  }

  private static boolean isFieldName(String text) {
    return text.matches("[A-Za-z][A-Za-z0-9-]*")
        && !HOP_OR_FRAMING.contains(text.toLowerCase(ROOT));
  }
}
