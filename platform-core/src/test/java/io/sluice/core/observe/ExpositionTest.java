package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocatorMetric;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ExpositionTest {

  private final MeterRegistry registry = new MeterRegistry();

  @Test
  void writesThePrometheusTextFormat() {
    MeterScope scope = registry.scope();
    scope.counter(MetricNames.RETRIES, "upstream", "b", "result", "success").add(2);
    scope.counter(MetricNames.RETRIES, "upstream", "a", "result", "success").add(1);
    scope.gauge(MetricNames.CONFIG_GENERATION, () -> 3);

    assertThat(registry.scrape(false))
        .isEqualTo(
            """
            # HELP sluice_config_generation The number of the configuration that serves.
            # TYPE sluice_config_generation gauge
            sluice_config_generation 3.0
            # HELP sluice_retries_total Decisions to try again, by what came of them.
            # TYPE sluice_retries_total counter
            sluice_retries_total{result="success",upstream="a"} 1.0
            sluice_retries_total{result="success",upstream="b"} 2.0
            """);
  }

  @Test
  void writesOpenMetrics() {
    registry.scope().counter(MetricNames.BYTES, "listener", "web", "direction", "in").add(9);

    assertThat(registry.scrape(true))
        .isEqualTo(
            """
            # TYPE sluice_bytes counter
            # HELP sluice_bytes Octets exchanged with clients; in: from them, out: to them.
            sluice_bytes_total{direction="in",listener="web"} 9.0
            # EOF
            """);
  }

  @Test
  void writesHistogramsInSecondsWithRisingBuckets() {
    Histogram histogram = registry.scope().histogram(MetricNames.REQUEST_DURATION, "route", "r");
    histogram.record(100_000);
    histogram.record(100_001);
    histogram.record(2_000_000_000L);
    histogram.record(61_000_000_000L);

    String text = registry.scrape(false);
    assertThat(text)
        .contains("# TYPE sluice_request_duration_seconds histogram\n")
        .contains("_bucket{route=\"r\",le=\"1.0E-4\"} 1\n")
        .contains("_bucket{route=\"r\",le=\"2.5E-4\"} 2\n")
        .contains("_bucket{route=\"r\",le=\"1.0\"} 2\n")
        .contains("_bucket{route=\"r\",le=\"2.5\"} 3\n")
        .contains("_bucket{route=\"r\",le=\"60.0\"} 3\n")
        .contains("_bucket{route=\"r\",le=\"+Inf\"} 4\n")
        .contains("sluice_request_duration_seconds_count{route=\"r\"} 4\n")
        .contains("sluice_request_duration_seconds_sum{route=\"r\"} 63.000200001\n");
    assertThat(text.lines().filter(line -> line.contains("_bucket")).count()).isEqualTo(19);
  }

  @Test
  void escapesLabelValues() {
    registry.scope().counter("hits_total", "route", "a\\b\"c\nd").increment();

    assertThat(registry.scrape(false)).contains("hits_total{route=\"a\\\\b\\\"c\\nd\"} 1.0\n");
  }

  @Test
  void writesTheSameTextTwice() {
    MeterScope scope = registry.scope();
    for (int i = 0; i < 50; i++) {
      scope.counter("m" + i % 7 + "_total", "l", "v" + i).add(i);
    }

    assertThat(registry.scrape(false)).isEqualTo(registry.scrape(false));
    List<String> lines = registry.scrape(false).lines().filter(l -> !l.startsWith("#")).toList();
    assertThat(lines).hasSize(50);
  }

  @Test
  void exposesWhatOtherLibrariesPutInTheDropwizardRegistry() {
    registry.dropwizard().counter("library.calls").inc(3);
    registry.process().counter("own_total").increment();

    assertThat(registry.scrape(false))
        .contains("library_calls_total 3.0\n", "own_total 1.0\n")
        .containsOnlyOnce("own_total 1.0\n");
  }

  @Test
  void exposesTheProcessAndTheBuild() {
    registry.exposeProcess("1.2.3", "abc");

    String text = registry.scrape(true);

    assertThat(text)
        .contains("# TYPE sluice_build info\n")
        .contains("sluice_build_info{commit=\"abc\",java=\"" + Runtime.version() + "\"")
        .contains("jvm_memory_used_bytes{area=\"heap\"}", "jvm_memory_used_bytes{area=\"nonheap\"}")
        .contains("jvm_memory_pool_used_bytes{pool=")
        .contains("jvm_gc_collection_seconds_count{gc=", "jvm_gc_collection_seconds_sum{gc=")
        .contains("jvm_threads_current ", "jvm_threads_state{state=\"RUNNABLE\"}")
        .contains("jvm_classes_loaded_total ", "jvm_buffer_pool_used_bytes{pool=\"direct\"}")
        .contains("process_cpu_seconds_total ", "process_start_time_seconds ")
        .doesNotContain("NaN");
    assertThat(Arrays.asList(text.split("\n"))).last().isEqualTo("# EOF");
    assertThat(registry.scrape(false)).contains("sluice_build_info{").doesNotContain("# EOF");
  }

  @Test
  void everyLineIsWellFormed() {
    registry.exposeProcess("1.2.3", "");
    registry.scope().histogram(MetricNames.MIDDLEWARE, "middleware", "cors").record(5);
    Pattern sample =
        Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(\\{([a-z_]+=\"[^\"]*\",?)+\\})? [-+0-9.EInf]+");

    assertThat(registry.scrape(false).lines().filter(line -> !line.startsWith("#")))
        .isNotEmpty()
        .allMatch(line -> sample.matcher(line).matches());
  }

  @Test
  void exposesTheBuffersOfTheAllocatorThatIsUsed() {
    registry.exposeBuffers(
        () ->
            new ByteBufAllocatorMetric() {
              @Override
              public long usedHeapMemory() {
                return 10;
              }

              @Override
              public long usedDirectMemory() {
                return 20;
              }
            });

    assertThat(registry.scrape(false))
        .contains("sluice_buffer_bytes{kind=\"direct\"} 20.0\n")
        .contains("sluice_buffer_bytes{kind=\"heap\"} 10.0\n");
  }
}
