package io.sluice.core.upstream;

import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an upstream's discovery says: brought to the control thread, metered, and logged where it
 * changed. After {@link #close} nothing is passed on any longer: a successor of the upstream has a
 * discovery of its own, and two must not decide about endpoints that both share.
 */
public final class Discovered implements EndpointDiscovery.Listener, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Discovered.class);

  /** Addresses named in one line of the log at most. */
  private static final int NAMED = 8;

  /**
   * What is known.
   *
   * @param answeredAt when the last good answer came, or null before the first
   * @param endpoints how many that answer had
   * @param problem why the last question failed; null when it did not
   */
  public record Status(@Nullable Instant answeredAt, int endpoints, @Nullable String problem) {}

  private final String upstream;
  private final ScheduledExecutorService control;
  private final Consumer<List<EndpointConfig>> taker;
  private final Counter errors;
  private volatile Status status = new Status(null, 0, null);
  private volatile boolean closed;
  private @Nullable List<EndpointConfig> last;

  /**
   * Nothing is known yet.
   *
   * @param taker is given the whole set when it changed, on the control thread
   */
  Discovered(
      String upstream,
      ScheduledExecutorService control,
      MeterScope meters,
      Consumer<List<EndpointConfig>> taker) {
    this.upstream = upstream;
    this.control = control;
    this.taker = taker;
    this.errors = meters.counter(MetricNames.DISCOVERY_ERRORS, "upstream", upstream);
    meters.gauge(MetricNames.DISCOVERY_ENDPOINTS, () -> status.endpoints(), "upstream", upstream);
    meters.gauge(
        MetricNames.DISCOVERY_LAST_ANSWER,
        () -> {
          Instant at = status.answeredAt();
          return at == null ? 0 : at.toEpochMilli() / 1000.0;
        },
        "upstream",
        upstream);
  }

  /** What is known now. */
  public Status status() {
    return status;
  }

  @Override
  public void onEndpoints(List<EndpointDiscovery.EndpointSpec> found) {
    Map<String, EndpointConfig> distinct = new LinkedHashMap<>();
    for (EndpointDiscovery.EndpointSpec spec : found) {
      EndpointAddress address = EndpointAddress.of(spec.host(), spec.port());
      distinct.putIfAbsent(
          address.id(),
          new EndpointConfig(
              address,
              spec.weight(),
              spec.zone(),
              Math.min(EndpointConfig.MAX_PRIORITY, spec.priority()),
              spec.name() == null ? null : spec.name().toLowerCase(Locale.ROOT)));
    }
    List<EndpointConfig> configs = List.copyOf(distinct.values());
    onControl(() -> taken(configs));
  }

  @Override
  public void onError(String problem, @Nullable Throwable cause) {
    errors.increment();
    onControl(() -> failed(problem, cause));
  }

  private void onControl(Runnable task) {
    if (closed) {
      return;
    }
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("discovery of {} spoke up while the process stops", upstream, e);
    }
  }

  private void taken(List<EndpointConfig> now) {
    if (closed) {
      return;
    }
    if (status.problem() != null) {
      log.info("discovery of {} works again", upstream);
    }
    status = new Status(Instant.now(), now.size(), null);
    List<EndpointConfig> before = last;
    if (now.equals(before)) {
      return;
    }
    last = now;
    report(before == null ? List.of() : before, now);
    taker.accept(now);
  }

  private void report(List<EndpointConfig> before, List<EndpointConfig> now) {
    Set<String> added = ids(now);
    added.removeAll(ids(before));
    Set<String> removed = ids(before);
    removed.removeAll(ids(now));
    log.info(
        "discovery of {} found {} endpoints; new: {}; gone: {}",
        upstream,
        now.size(),
        words(added),
        words(removed));
  }

  private static Set<String> ids(List<EndpointConfig> endpoints) {
    Set<String> ids = new LinkedHashSet<>();
    endpoints.forEach(endpoint -> ids.add(endpoint.address().id()));
    return ids;
  }

  private static String words(Set<String> ids) {
    if (ids.isEmpty()) {
      return "none";
    }
    List<String> named = ids.stream().limit(NAMED).toList();
    int more = ids.size() - named.size();
    return String.join(", ", named) + (more > 0 ? " and " + more + " more" : "");
  }

  private void failed(String problem, @Nullable Throwable cause) {
    if (closed) {
      return;
    }
    if (!problem.equals(status.problem())) {
      log.warn("discovery of {} failed, keeping what is known: {}", upstream, problem);
      log.debug("discovery of {} failed", upstream, cause);
    }
    status = new Status(status.answeredAt(), status.endpoints(), problem);
  }

  /** Passes nothing on any longer. */
  @Override
  public void close() {
    closed = true;
  }
}
