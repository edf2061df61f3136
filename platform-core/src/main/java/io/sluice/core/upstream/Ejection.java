package io.sluice.core.upstream;

import java.time.Instant;

/**
 * Why an endpoint is out and until when. Kept with the endpoint, so a reload neither shortens nor
 * lengthens it.
 *
 * @param reason the detector's: {@code consecutive_5xx}
 * @param until by the wall clock, for people
 * @param endNanos by {@link System#nanoTime}, for timers
 */
public record Ejection(String reason, Instant until, long endNanos) {

  /** How long it still lasts, 0 or more. */
  long remainingNanos() {
    return Math.max(0, endNanos - System.nanoTime());
  }
}
