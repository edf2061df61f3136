package io.sluice.core.observe;

import com.codahale.metrics.MetricRegistry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.dropwizard.DropwizardExports;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.sluice.core.observe.Family.Series;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns meters into the Prometheus client's snapshots and lets its writers write them. */
final class Exposition {

  private final DropwizardExports bridge;
  private final Collection<Family> families;
  private volatile @Nullable ProcessMeters process;

  Exposition(MetricRegistry dropwizard, Collection<Family> families) {
    this.bridge =
        new DropwizardExports(dropwizard, (name, metric) -> !(metric instanceof OwnMeter));
    this.families = families;
  }

  void processMeters(String version, String commit) {
    process = new ProcessMeters(version, commit);
  }

  static String contentType(boolean openMetrics) {
    return openMetrics
        ? OpenMetricsTextFormatWriter.CONTENT_TYPE
        : PrometheusTextFormatWriter.CONTENT_TYPE;
  }

  String write(boolean openMetrics) {
    ExpositionFormatWriter writer =
        openMetrics ? OpenMetricsTextFormatWriter.create() : PrometheusTextFormatWriter.create();
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
    try {
      writer.write(out, snapshots(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** By name; a name of our own hides the same name of another library. */
  private MetricSnapshots snapshots() {
    Map<String, MetricSnapshot> byName = new TreeMap<>();
    bridge.collect().forEach(other -> put(byName, other));
    ProcessMeters ofProcess = process;
    if (ofProcess != null) {
      ofProcess.collect().forEach(own -> put(byName, own));
    }
    for (Family family : families) {
      put(byName, snapshot(family));
    }
    return new MetricSnapshots(byName.values());
  }

  private static void put(Map<String, MetricSnapshot> byName, MetricSnapshot snapshot) {
    if (!snapshot.getDataPoints().isEmpty()) {
      byName.put(snapshot.getMetadata().getPrometheusName(), snapshot);
    }
  }

  private static MetricSnapshot snapshot(Family family) {
    return switch (family.type()) {
      case COUNTER -> counters(family);
      case GAUGE -> gauges(family);
      case HISTOGRAM -> histograms(family);
    };
  }

  private static MetricSnapshot counters(Family family) {
    CounterSnapshot.Builder builder =
        CounterSnapshot.builder().name(Family.baseName(family.name())).help(family.help());
    for (Series series : family.series().values()) {
      double total =
          series.meter() instanceof Counter counter ? counter.getCount() : pulled(series);
      if (total >= 0) {
        builder.dataPoint(
            CounterDataPointSnapshot.builder().labels(series.labels()).value(total).build());
      }
    }
    return builder.build();
  }

  private static MetricSnapshot gauges(Family family) {
    GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(family.name()).help(family.help());
    for (Series series : family.series().values()) {
      builder.dataPoint(
          GaugeDataPointSnapshot.builder().labels(series.labels()).value(pulled(series)).build());
    }
    return builder.build();
  }

  private static MetricSnapshot histograms(Family family) {
    double[] upper = family.buckets().upperSeconds();
    HistogramSnapshot.Builder builder =
        HistogramSnapshot.builder().name(family.name()).help(family.help());
    for (Series series : family.series().values()) {
      if (series.meter() instanceof Histogram histogram) {
        builder.dataPoint(
            HistogramDataPointSnapshot.builder()
                .labels(series.labels())
                .classicHistogramBuckets(ClassicHistogramBuckets.of(upper, histogram.counts()))
                .sum(histogram.sumSeconds())
                .build());
      }
    }
    return builder.build();
  }

  private static double pulled(Series series) {
    return series.meter() instanceof Pulled pulled ? pulled.getValue() : Double.NaN;
  }
}
