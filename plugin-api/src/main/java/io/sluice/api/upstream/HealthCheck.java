package io.sluice.api.upstream;

import java.util.concurrent.CompletionStage;

/**
 * Asks one endpoint whether it is well. The core owns the schedule (interval, jitter, timeout) and
 * the thresholds; a check is one probe. One instance for each upstream; must not block.
 */
public interface HealthCheck extends AutoCloseable {

  /**
   * Sends one probe.
   *
   * @return completes with the verdict, on any thread; completing exceptionally counts as unhealthy
   *     with the exception's message. The core cancels what takes longer than the timeout.
   */
  CompletionStage<Verdict> probe(ProbeTarget target);

  /** No upstream uses this check any longer. */
  @Override
  default void close() {}

  /**
   * What one probe found.
   *
   * @param healthy whether it passed
   * @param detail for logs and the admin API: {@code "status 503, expected 200-299"}
   */
  record Verdict(boolean healthy, String detail) {}
}
