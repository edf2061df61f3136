package io.sluice.core.upstream;

import io.sluice.api.upstream.OutlierDetector;
import io.sluice.core.observe.PluginFailures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outlier detector of one upstream, where it has one, and whom it ejected. What the detector
 * throws is counted and logged, and stops nothing.
 */
final class Outliers {

  private final @Nullable OutlierDetector detector;
  private final Ejections ejections;
  private final PluginFailures failures;

  Outliers(@Nullable OutlierDetector detector, Ejections ejections, PluginFailures failures) {
    this.detector = detector;
    this.ejections = ejections;
    this.failures = failures;
  }

  void start() {
    if (detector != null) {
      try {
        detector.start(ejections);
      } catch (Throwable e) {
        failures.record("start", e);
      }
    }
  }

  /** These are the endpoints to compare with each other. */
  void endpoints(List<EndpointState> now) {
    if (detector != null) {
      try {
        detector.onEndpoints(List.copyOf(now));
      } catch (Throwable e) {
        failures.record("onEndpoints", e);
      }
    }
  }

  /** An active check passed. */
  void healthy(EndpointState endpoint) {
    if (detector != null) {
      try {
        detector.onHealthy(endpoint);
      } catch (Throwable e) {
        failures.record("onHealthy", e);
      }
    }
  }

  /** The timer that would bring it back belongs to who ejected it: takes over, or forgives. */
  void inherit(EndpointState endpoint) {
    if (detector == null) {
      endpoint.ejection(null);
    } else {
      ejections.inherit(endpoint);
    }
  }

  /** The endpoint is no longer there. */
  void forget(EndpointState endpoint) {
    ejections.forget(endpoint);
  }

  /** Nobody is ejected or brought back any more. */
  void close() {
    ejections.close();
  }
}
