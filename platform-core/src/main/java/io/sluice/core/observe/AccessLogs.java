package io.sluice.core.observe;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.Meters;
import io.sluice.api.observe.TcpConnection;
import io.sluice.core.plugin.Fatal;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each record to every access log. One that throws does not keep it from the others: its
 * failures are counted, and the first is logged. Made for a generation; {@link #close} closes every
 * log. Called on event loops; allocates nothing.
 */
public final class AccessLogs implements AccessLog {

  private static final Logger LOG = LoggerFactory.getLogger(AccessLogs.class);

  private final Guarded[] logs;

  /**
   * A fan-out to logs by their names, in the map's order.
   *
   * @param logs what to call; this object becomes their owner
   */
  public AccessLogs(Map<String, ? extends AccessLog> logs, Meters meters) {
    this.logs =
        logs.entrySet().stream()
            .map(log -> new Guarded(log.getKey(), log.getValue(), meters))
            .toArray(Guarded[]::new);
  }

  @Override
  public void log(Exchange exchange, Outcome outcome) {
    for (Guarded log : logs) {
      log.log(exchange, outcome);
    }
  }

  @Override
  public void log(TcpConnection connection) {
    for (Guarded log : logs) {
      log.log(connection);
    }
  }

  @Override
  public void close() {
    for (Guarded log : logs) {
      log.close();
    }
  }

  private static final class Guarded {
    private final String name;
    private final AccessLog log;
    private final Meters.Counter failures;
    private final java.util.concurrent.atomic.AtomicBoolean reported =
        new java.util.concurrent.atomic.AtomicBoolean();

    Guarded(String name, AccessLog log, Meters meters) {
      this.name = name;
      this.log = log;
      this.failures = meters.counter(MetricNames.ACCESS_LOG_FAILURES, "access_log", name);
    }

    void log(Exchange exchange, Outcome outcome) {
      try {
        log.log(exchange, outcome);
      } catch (Throwable e) {
        failed(e);
      }
    }

    void log(TcpConnection connection) {
      try {
        log.log(connection);
      } catch (Throwable e) {
        failed(e);
      }
    }

    private void failed(Throwable cause) {
      Fatal.rethrow(cause);
      failures.increment();
      if (reported.compareAndSet(false, true)) {
        LOG.warn("Access log {} fails; further failures are only counted", name, cause);
      }
    }

    void close() {
      try {
        log.close();
      } catch (Throwable e) {
        Fatal.rethrow(e);
        LOG.warn("Access log {} failed to close", name, e);
      }
    }
  }
}
