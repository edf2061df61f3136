package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.observe.MetricNames.Described;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsDocTest {

  /** The names and labels that users were promised. */
  private static final List<String> CONTRACT =
      List.of(
          "sluice_requests_total[listener, route, upstream, status]",
          "sluice_request_duration_seconds[route]",
          "sluice_request_processing_seconds[]",
          "sluice_response_processing_seconds[]",
          "sluice_attempts_total[upstream, endpoint, outcome]",
          "sluice_attempt_duration_seconds[upstream]",
          "sluice_retries_total[upstream, result]",
          "sluice_endpoint_up[upstream, endpoint]",
          "sluice_endpoint_ejected[upstream, endpoint]",
          "sluice_upstream_connections[upstream, state]",
          "sluice_upstream_pending[upstream]",
          "sluice_downstream_connections[listener, protocol]",
          "sluice_bytes_total[listener, direction]",
          "sluice_cache_requests_total[cache, result]",
          "sluice_rate_limited_total[middleware]",
          "sluice_config_generation[]",
          "sluice_config_last_reload_success[]",
          "sluice_middleware_seconds[middleware]");

  @Test
  void documentsEveryMeter() throws IOException {
    StringBuilder table =
        new StringBuilder("| name | type | labels | meaning |\n|---|---|---|---|\n");
    for (Described meter : MetricNames.all()) {
      String labels =
          meter.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
      table.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(meter.name(), meter.type().label(), labels, meter.help()));
    }
    table.append("\nBuckets of histograms of whole exchanges and attempts, in seconds: ");
    table.append(bounds(Buckets.LATENCY)).append(".\n\n");
    table.append("Buckets of histograms of the proxy's own share, in seconds: ");
    table.append(bounds(Buckets.PROCESSING)).append(".\n");

    DocTable.check("metrics.md", table.toString());
  }

  @Test
  void keepsTheNamesAndLabelsThatWerePromised() {
    assertThat(MetricNames.all().stream().map(meter -> meter.name() + meter.labels()))
        .containsAll(CONTRACT);
  }

  private static String bounds(Buckets buckets) {
    return Arrays.stream(buckets.upperSeconds())
        .filter(Double::isFinite)
        .mapToObj(bound -> java.math.BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString())
        .collect(Collectors.joining(", "));
  }
}
