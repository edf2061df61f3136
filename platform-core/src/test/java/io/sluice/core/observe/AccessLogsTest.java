package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.TcpConnection;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccessLogsTest {

  private static final Outcome OUTCOME =
      new Outcome(Outcome.Result.COMPLETED, 200, null, 1_000, 0, 10, 1);

  /** Nothing in this test looks into the exchange. */
  private static final Exchange EXCHANGE =
      (Exchange)
          Proxy.newProxyInstance(
              Exchange.class.getClassLoader(),
              new Class<?>[] {Exchange.class},
              (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
              });

  private static final TcpConnection CONNECTION =
      (TcpConnection)
          Proxy.newProxyInstance(
              TcpConnection.class.getClassLoader(),
              new Class<?>[] {TcpConnection.class},
              (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
              });

  private final MeterRegistry registry = new MeterRegistry();

  @Test
  void handsEachRecordToEveryLogThoughOneFails() {
    Remembering first = new Remembering();
    Remembering last = new Remembering();
    Map<String, AccessLog> logs = new LinkedHashMap<>();
    logs.put("first", first);
    logs.put("broken", new Broken(new IllegalStateException("disk full")));
    logs.put("worse", new Broken(new NoClassDefFoundError("gone")));
    logs.put("last", last);
    AccessLogs all = new AccessLogs(logs, registry.scope());

    all.log(EXCHANGE, OUTCOME);
    all.log(EXCHANGE, OUTCOME);
    all.close();

    assertThat(first.seen).containsExactly(OUTCOME, OUTCOME);
    assertThat(last.seen).containsExactly(OUTCOME, OUTCOME);
    assertThat(first.closed).isEqualTo(1);
    assertThat(last.closed).isEqualTo(1);
    assertThat(registry.scrape(false))
        .contains("sluice_access_log_failures_total{access_log=\"broken\"} 2.0\n")
        .contains("sluice_access_log_failures_total{access_log=\"worse\"} 2.0\n")
        .contains("sluice_access_log_failures_total{access_log=\"first\"} 0.0\n");
  }

  @Test
  void handsConnectionsToEveryLogThoughOneFails() {
    Remembering last = new Remembering();
    Map<String, AccessLog> logs = new LinkedHashMap<>();
    logs.put("broken", new Broken(new IllegalStateException("disk full")));
    logs.put("last", last);
    AccessLogs all = new AccessLogs(logs, registry.scope());

    all.log(CONNECTION);

    assertThat(last.connections).isEqualTo(1);
    assertThat(registry.scrape(false))
        .contains("sluice_access_log_failures_total{access_log=\"broken\"} 1.0\n");
  }

  @Test
  void isHappyWithoutLogs() {
    AccessLogs none = new AccessLogs(Map.of(), registry.scope());

    none.log(EXCHANGE, OUTCOME);
    none.close();

    assertThat(registry.scrape(false)).isEmpty();
  }

  private static final class Remembering implements AccessLog {
    final List<Outcome> seen = new ArrayList<>();
    int closed;
    int connections;

    @Override
    public void log(Exchange exchange, Outcome outcome) {
      seen.add(outcome);
    }

    @Override
    public void log(TcpConnection connection) {
      connections++;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private record Broken(Throwable failure) implements AccessLog {
    @Override
    public void log(Exchange exchange, Outcome outcome) {
      fail();
    }

    @Override
    public void log(TcpConnection connection) {
      fail();
    }

    @Override
    public void close() {
      fail();
    }

    private void fail() {
      if (failure instanceof RuntimeException exception) {
        throw exception;
      }
      throw (Error) failure;
    }
  }
}
