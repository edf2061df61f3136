package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Counts the attempts that each limit of one upstream turned away. From any thread. */
final class Rejections {

  private final Map<Limit, Counter> counts = new EnumMap<>(Limit.class);

  Rejections(MeterScope meters, String upstream) {
    for (Limit limit : Limit.values()) {
      counts.put(
          limit,
          meters.counter(MetricNames.LIMIT_REJECTIONS, "upstream", upstream, "limit", limit.key()));
    }
  }

  /** One more; answers what the client is told. */
  ErrorKind count(Limit limit) {
    Objects.requireNonNull(counts.get(limit)).increment();
    return limit == Limit.CIRCUIT_BREAKER ? ErrorKind.CIRCUIT_OPEN : ErrorKind.LIMIT_REACHED;
  }
}
