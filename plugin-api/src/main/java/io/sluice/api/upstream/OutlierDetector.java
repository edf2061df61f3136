package io.sluice.api.upstream;

import java.time.Duration;
import java.util.List;

/**
 * Watches real traffic and ejects endpoints that do badly. One instance for each upstream. The core
 * enforces the most that may be ejected at once and never ejects the last one.
 */
public interface OutlierDetector extends AutoCloseable {

  /** Called once before any attempt; {@code ejector} may be used from any thread ever after. */
  void start(Ejector ejector);

  /** An attempt ended. On its event loop; must not block. */
  void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome);

  /** An active check passed for an endpoint that was ejected or not. */
  default void onHealthy(Endpoint endpoint) {}

  /** The endpoints of the upstream changed. */
  default void onEndpoints(List<Endpoint> endpoints) {}

  /** No upstream uses this detector any longer. */
  @Override
  default void close() {}

  /** What a detector may do. */
  interface Ejector {
    /**
     * Takes an endpoint out for {@code time}; answers false when it is already out or a bound
     * forbids it.
     *
     * @param reason for logs, metrics and the admin API: {@code consecutive_5xx}
     */
    boolean eject(Endpoint endpoint, Duration time, String reason);

    /** Takes an endpoint back before its time. */
    void restore(Endpoint endpoint);

    /** Every endpoint of the upstream, ejected ones included. */
    List<Endpoint> endpoints();

    /** How many are out. */
    int ejected();
  }
}
