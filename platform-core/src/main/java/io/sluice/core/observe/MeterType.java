package io.sluice.core.observe;

import java.util.Locale;

/** What a family of meters measures. */
enum MeterType {
  COUNTER,
  GAUGE,
  HISTOGRAM;

  /** As the exposition formats write it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
