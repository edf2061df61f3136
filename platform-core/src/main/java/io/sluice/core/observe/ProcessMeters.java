package io.sluice.core.observe;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricSet;
import com.codahale.metrics.jvm.BufferPoolMetricSet;
import com.codahale.metrics.jvm.CachedThreadStatesGaugeSet;
import com.codahale.metrics.jvm.ClassLoadingGaugeSet;
import com.codahale.metrics.jvm.GarbageCollectorMetricSet;
import com.codahale.metrics.jvm.MemoryUsageGaugeSet;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's and the process's own meters under the names that Prometheus clients for Java give
 * them, read from Dropwizard's sets. The sets load the management beans, so they are made at the
 * first scrape: a start should not wait for them.
 */
final class ProcessMeters {

  private final MetricSnapshot buildInfo;
  private final ProcessStatistics process = new ProcessStatistics();
  private @Nullable Sets sets;

  ProcessMeters(String version, String commit) {
    Labels labels =
        Labels.of("commit", commit, "java", Runtime.version().toString(), "version", version);
    buildInfo =
        InfoSnapshot.builder()
            .name(withoutInfo(MetricNames.BUILD_INFO))
            .help("What is running.")
            .dataPoint(InfoDataPointSnapshot.builder().labels(labels).build())
            .build();
  }

  synchronized List<MetricSnapshot> collect() {
    if (sets == null) {
      sets = new Sets();
    }
    List<MetricSnapshot> all = new ArrayList<>();
    all.add(buildInfo);
    memory(all, sets.memory);
    collections(all, sets.collectors);
    threads(all, sets.threads);
    classes(all, sets.classes);
    buffers(all, sets.buffers);
    process.collect(all);
    return all;
  }

  private static String withoutInfo(String name) {
    return name.substring(0, name.length() - "_info".length());
  }

  private static void memory(List<MetricSnapshot> all, Map<String, Gauge<?>> memory) {
    for (String what : List.of("used", "committed", "max")) {
      GaugeSnapshot.Builder areas =
          gauge("jvm_memory_" + what + "_bytes", "JVM memory by area: " + what + ".");
      add(areas, memory.get("heap." + what), "area", "heap");
      add(areas, memory.get("non-heap." + what), "area", "nonheap");
      all.add(areas.build());
      GaugeSnapshot.Builder pools =
          gauge("jvm_memory_pool_" + what + "_bytes", "JVM memory by pool: " + what + ".");
      eachWith(memory, "pools.", "." + what, (pool, value) -> add(pools, value, "pool", pool));
      all.add(pools.build());
    }
  }

  private static void collections(List<MetricSnapshot> all, Map<String, Gauge<?>> collectors) {
    SummarySnapshot.Builder builder =
        SummarySnapshot.builder()
            .name("jvm_gc_collection_seconds")
            .help("Time spent in garbage collections, by collector.");
    eachWith(
        collectors,
        "",
        ".count",
        (name, count) ->
            builder.dataPoint(
                SummaryDataPointSnapshot.builder()
                    .labels(Labels.of("gc", name))
                    .count((long) number(count))
                    .sum(number(collectors.get(name + ".time")) / 1e3)
                    .build()));
    all.add(builder.build());
  }

  private static void threads(List<MetricSnapshot> all, Map<String, Gauge<?>> threads) {
    all.add(single("jvm_threads_current", "Live threads.", threads.get("count")));
    all.add(single("jvm_threads_daemon", "Live daemon threads.", threads.get("daemon.count")));
    all.add(single("jvm_threads_peak", "Most live threads so far.", threads.get("peak.count")));
    GaugeSnapshot.Builder states = gauge("jvm_threads_state", "Live threads by state.");
    for (Thread.State state : Thread.State.values()) {
      String name = state.name().toLowerCase(java.util.Locale.ROOT);
      add(states, threads.get(name + ".count"), "state", state.name());
    }
    all.add(states.build());
  }

  private static void classes(List<MetricSnapshot> all, Map<String, Gauge<?>> classes) {
    double loaded = number(classes.get("loaded"));
    double unloaded = number(classes.get("unloaded"));
    all.add(gaugeOf("jvm_classes_currently_loaded", "Loaded classes.", loaded - unloaded));
    all.add(counterOf("jvm_classes_loaded", "Classes loaded since the start.", loaded));
  }

  private static void buffers(List<MetricSnapshot> all, Map<String, Gauge<?>> buffers) {
    GaugeSnapshot.Builder used =
        gauge("jvm_buffer_pool_used_bytes", "Memory of java.nio buffers, by pool.");
    eachWith(buffers, "", ".used", (pool, value) -> add(used, value, "pool", pool));
    all.add(used.build());
    GaugeSnapshot.Builder count =
        gauge("jvm_buffer_pool_used_buffers", "java.nio buffers, by pool.");
    eachWith(buffers, "", ".count", (pool, value) -> add(count, value, "pool", pool));
    all.add(count.build());
  }

  static MetricSnapshot gaugeOf(String name, String help, double value) {
    return gauge(name, help)
        .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }

  static MetricSnapshot counterOf(String name, String help, double total) {
    return CounterSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(CounterDataPointSnapshot.builder().value(total).build())
        .build();
  }

  private static MetricSnapshot single(String name, String help, @Nullable Gauge<?> value) {
    return gaugeOf(name, help, number(value));
  }

  private static GaugeSnapshot.Builder gauge(String name, String help) {
    return GaugeSnapshot.builder().name(name).help(help);
  }

  private static void add(
      GaugeSnapshot.Builder builder, @Nullable Gauge<?> value, String label, String labelValue) {
    builder.dataPoint(
        GaugeDataPointSnapshot.builder()
            .labels(Labels.of(label, labelValue))
            .value(number(value))
            .build());
  }

  private static double number(@Nullable Gauge<?> gauge) {
    return gauge != null && gauge.getValue() instanceof Number number
        ? number.doubleValue()
        : Double.NaN;
  }

  private interface Found {
    void value(String name, Gauge<?> value);
  }

  private static void eachWith(
      Map<String, Gauge<?>> gauges, String prefix, String suffix, Found found) {
    SortedMap<String, Gauge<?>> sorted = new TreeMap<>(gauges);
    sorted.forEach(
        (key, gauge) -> {
          if (key.startsWith(prefix) && key.endsWith(suffix)) {
            found.value(key.substring(prefix.length(), key.length() - suffix.length()), gauge);
          }
        });
  }

  /** Dropwizard's sets of gauges. */
  private static final class Sets {
    private final Map<String, Gauge<?>> memory = gauges(new MemoryUsageGaugeSet());
    private final Map<String, Gauge<?>> collectors = gauges(new GarbageCollectorMetricSet());
    private final Map<String, Gauge<?>> threads =
        gauges(new CachedThreadStatesGaugeSet(1, TimeUnit.SECONDS));
    private final Map<String, Gauge<?>> classes = gauges(new ClassLoadingGaugeSet());
    private final Map<String, Gauge<?>> buffers =
        gauges(new BufferPoolMetricSet(ManagementFactory.getPlatformMBeanServer()));

    private static Map<String, Gauge<?>> gauges(MetricSet set) {
      Map<String, Gauge<?>> gauges = new LinkedHashMap<>();
      set.getMetrics()
          .forEach(
              (name, metric) -> {
                if (metric instanceof Gauge<?> gauge) {
                  gauges.put(name, gauge);
                }
              });
      return gauges;
    }
  }
}
