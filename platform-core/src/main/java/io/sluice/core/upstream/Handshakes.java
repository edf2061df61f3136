package io.sluice.core.upstream;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why TLS with an endpoint fails, said once for each reason, since clients learn no more than that
 * it does. One that comes back after a handshake that succeeded is said again, at most once a
 * minute. Thread-safe.
 */
final class Handshakes {

  private static final Logger log = LoggerFactory.getLogger(Handshakes.class);
  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier ticker;
  private @Nullable String said;
  private long saidNanos;
  private volatile @Nullable String problem;

  Handshakes(LongSupplier ticker) {
    this.ticker = ticker;
  }

  void succeeded() {
    if (problem != null) {
      problem = null;
    }
  }

  /** Why the last one failed; null where it did not. */
  @Nullable String problem() {
    return problem;
  }

  void failed(String upstream, String endpoint, String reason) {
    if (news(reason)) {
      log.warn("endpoint {} of {}: TLS fails: {}", endpoint, upstream, reason);
    }
  }

  /** Whether a failure is worth saying; if so it counts as said. */
  synchronized boolean news(String reason) {
    boolean again = problem == null && ticker.getAsLong() - saidNanos >= PAUSE_NANOS;
    problem = reason;
    if (reason.equals(said) && !again) {
      return false;
    }
    said = reason;
    saidNanos = ticker.getAsLong();
    return true;
  }
}
