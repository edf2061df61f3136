package io.sluice.core.observe;

import com.codahale.metrics.MetricRegistry;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import io.sluice.core.observe.Family.Series;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every meter of the process: a Dropwizard registry with labels and real histograms on top. One for
 * each process, made and kept by whoever boots it. From any thread; registering takes a lock,
 * recording and scraping take none.
 *
 * <p>Names are Prometheus names; a counter's {@code _total} is added where it is missing. One name
 * has one type: asking for a name of another type throws {@link IllegalArgumentException}, as do
 * bad names and labels. What other libraries put in {@link #dropwizard} is exposed as well.
 */
public final class MeterRegistry {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*");

  private final MetricRegistry dropwizard;
  private final Map<String, Family> families = new ConcurrentHashMap<>();
  private final Exposition exposition;
  private final MeterScope process = new MeterScope(this);

  /** A registry of its own, empty. */
  public MeterRegistry() {
    this(new MetricRegistry());
  }

  /** A registry that keeps its meters in {@code dropwizard}, where reporters may find them. */
  public MeterRegistry(MetricRegistry dropwizard) {
    this.dropwizard = dropwizard;
    this.exposition = new Exposition(dropwizard, families.values());
  }

  /** Where the meters are kept; other libraries may add theirs. */
  public MetricRegistry dropwizard() {
    return dropwizard;
  }

  /** A new scope, to be closed by the caller. */
  public MeterScope scope() {
    return new MeterScope(this);
  }

  /** The scope of meters that last as long as the process. Never to be closed. */
  public MeterScope process() {
    return process;
  }

  /**
   * Adds the JVM's and the process's own meters and {@code sluice_build_info}. Nothing of the JVM's
   * management beans is touched before the first scrape.
   *
   * @param version of Sluice
   * @param commit it was built from, or an empty text
   */
  public void exposeProcess(String version, String commit) {
    exposition.processMeters(version, commit);
  }

  /** Adds {@code sluice_buffer_bytes}: what the allocator holds from the system. */
  public void exposeBuffers(Supplier<ByteBufAllocatorMetric> allocator) {
    process.gauge(
        MetricNames.BUFFER_BYTES, () -> allocator.get().usedDirectMemory(), "kind", "direct");
    process.gauge(MetricNames.BUFFER_BYTES, () -> allocator.get().usedHeapMemory(), "kind", "heap");
  }

  /**
   * Writes every meter, ordered by name and labels.
   *
   * @param openMetrics OpenMetrics 1.0, else the Prometheus text format 0.0.4
   */
  public String scrape(boolean openMetrics) {
    return exposition.write(openMetrics);
  }

  /** The media type of what {@link #scrape} answers. */
  public static String contentType(boolean openMetrics) {
    return Exposition.contentType(openMetrics);
  }

  synchronized Counter counter(MeterScope owner, String name, String... labels) {
    Family family = family(name, MeterType.COUNTER);
    return hold(owner, family, labelsOf(labels), Counter.class, Counter::new);
  }

  synchronized Histogram histogram(MeterScope owner, String name, String... labels) {
    Family family = family(name, MeterType.HISTOGRAM);
    Supplier<Histogram> fresh = () -> new Histogram(family.buckets());
    return hold(owner, family, labelsOf(labels), Histogram.class, fresh);
  }

  synchronized void pulled(
      MeterScope owner, MeterType type, String name, DoubleSupplier value, String... labels) {
    Family family = family(name, type);
    Supplier<Pulled> fresh = () -> new Pulled(family.name());
    hold(owner, family, labelsOf(labels), Pulled.class, fresh).source(owner, value);
  }

  synchronized void release(MeterScope owner, Map<Series, Family> held) {
    held.forEach((series, family) -> release(owner, series, family));
  }

  private void release(MeterScope owner, Series series, Family family) {
    if (series.meter() instanceof Pulled pulled) {
      pulled.forget(owner);
    }
    if (!series.letGo()) {
      return;
    }
    family.series().remove(series.labels());
    dropwizard.remove(dropwizardName(family, series.labels()));
    if (family.series().isEmpty()) {
      families.remove(Family.baseName(family.name()));
    }
  }

  private Family family(String name, MeterType type) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("\"" + name + "\" is not a metric name");
    }
    String base = Family.baseName(name);
    if (!PrometheusNaming.isValidMetricName(type == MeterType.COUNTER ? base : name)) {
      throw new IllegalArgumentException(
          "\"" + name + "\" ends like a part of another type: _total, _created, _bucket or _info");
    }
    @Nullable Family family = families.get(base);
    if (family == null) {
      family = MetricNames.family(Family.exposedName(name, type), type);
    }
    if (family.type() != type) {
      throw new IllegalArgumentException(
          name + " is a " + family.type().label() + ", not a " + type.label());
    }
    families.put(base, family);
    return family;
  }

  private <M extends OwnMeter> M hold(
      MeterScope owner, Family family, Labels labels, Class<M> kind, Supplier<M> fresh) {
    @Nullable Series series = family.series().get(labels);
    if (owner.closed()) {
      return series != null && kind.isInstance(series.meter())
          ? kind.cast(series.meter())
          : fresh.get();
    }
    if (series == null) {
      series = new Series(labels, fresh.get());
      dropwizard.register(dropwizardName(family, labels), series.meter());
      family.series().put(labels, series);
    } else if (!kind.isInstance(series.meter())) {
      throw new IllegalArgumentException(
          family.name() + " with these labels is read from elsewhere when it is scraped");
    }
    owner.hold(series, family);
    return kind.cast(series.meter());
  }

  private static Labels labelsOf(String... labels) {
    if (labels.length % 2 != 0) {
      throw new IllegalArgumentException("labels come as name, value, name, value");
    }
    for (int i = 0; i < labels.length; i += 2) {
      if (!LABEL.matcher(labels[i]).matches() || labels[i].equals("le")) {
        throw new IllegalArgumentException("\"" + labels[i] + "\" is not a label name");
      }
    }
    return Labels.of(labels);
  }

  private static String dropwizardName(Family family, Labels labels) {
    return labels.isEmpty() ? family.name() : family.name() + labels;
  }
}
