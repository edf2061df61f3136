package io.sluice.core.upstream;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;

/**
 * How HTTP/2 is spoken to endpoints.
 *
 * @param streamWindow octets of a response that may be under way before its client takes them
 * @param connectionWindow octets of all responses of a connection that may be on the wire
 * @param maxStreams requests on one connection at a time, whatever the endpoint would take
 * @param pingInterval silence with a request open after which the endpoint is asked for a sign of
 *     life; {@link ConfigSection#OFF} for never
 * @param pingTimeout how long that sign may take
 */
record Http2Config(
    int streamWindow,
    int connectionWindow,
    long maxStreams,
    Duration pingInterval,
    Duration pingTimeout) {

  /** Reads it from the blocks {@code limits} and {@code timeouts} of an upstream. */
  static Http2Config decode(ConfigSection limits, ConfigSection timeouts) {
    return new Http2Config(
        window(limits, "stream-window", 256 * 1024, "of one HTTP/2 stream, for its client"),
        window(limits, "connection-window", 1024 * 1024, "of all streams of a connection, for us"),
        limits
            .bound("max-streams", 1)
            .describe(
                "requests on one HTTP/2 connection at once; never more than the endpoint allows")
            .orElse(ConfigSection.UNLIMITED),
        timeouts
            .timeout("ping-interval")
            .describe(
                "silence of an HTTP/2 connection with a request open, after which it is pinged")
            .check(interval -> !interval.isZero(), "more than 0, or off")
            .orElse(Duration.ofMinutes(5)),
        timeouts
            .timeout("ping-timeout")
            .describe("how long the answer to a PING may take; then the connection is closed")
            .check(limit -> !limit.isZero() && !limit.equals(ConfigSection.OFF), "more than 0")
            .orElse(Duration.ofSeconds(10)));
  }

  private static int window(ConfigSection config, String key, long usual, String whose) {
    return config
        .size(key)
        .describe("response content " + whose + " that may wait (RFC 9113 §5.2)")
        .check(size -> size >= 65_535 && size <= Integer.MAX_VALUE, "64K to 1G")
        .orElse(usual)
        .intValue();
  }
}
