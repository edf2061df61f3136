package io.sluice.core.observe;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * All meters of one name. Changed under the registry's lock, read without it.
 *
 * @param name as exposed, {@code _total} of counters included
 * @param buckets of a histogram; for the other types unused
 * @param help one line, or null
 */
record Family(
    String name,
    MeterType type,
    Buckets buckets,
    @Nullable String help,
    ConcurrentMap<Labels, Family.Series> series) {

  private static final String TOTAL = "_total";

  Family(String name, MeterType type, Buckets buckets, @Nullable String help) {
    this(name, type, buckets, help, new ConcurrentHashMap<>());
  }

  /** The name without a counter's suffix, by which families are told apart. */
  static String baseName(String name) {
    return name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
  }

  /** The name that is exposed for a meter asked for as {@code name}. */
  static String exposedName(String name, MeterType type) {
    return type == MeterType.COUNTER ? baseName(name) + TOTAL : name;
  }

  /** One meter and how many scopes hold it. */
  static final class Series {
    private final Labels labels;
    private final OwnMeter meter;
    private int holders;

    Series(Labels labels, OwnMeter meter) {
      this.labels = labels;
      this.meter = meter;
    }

    Labels labels() {
      return labels;
    }

    OwnMeter meter() {
      return meter;
    }

    void hold() {
      holders++;
    }

    /** Answers whether nobody holds it any longer. */
    boolean letGo() {
      holders--;
      return holders == 0;
    }
  }
}
