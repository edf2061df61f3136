package io.sluice.plugin.circuitbreaker;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.CircuitBreakerFactory;
import io.sluice.api.observe.Meters;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the {@code standard} circuit breaker. */
public final class StandardBreakerFactory implements CircuitBreakerFactory {

  private static final Logger log = LoggerFactory.getLogger(StandardBreakerFactory.class);

  @Override
  public String type() {
    return "standard";
  }

  @Override
  public CircuitBreaker create(ConfigSection config, PluginContext context) {
    StandardBreakerConfig decoded = StandardBreakerConfig.decode(config);
    Map<CircuitBreaker.State, Meters.Counter> counters = new EnumMap<>(CircuitBreaker.State.class);
    for (CircuitBreaker.State state : CircuitBreaker.State.values()) {
      counters.put(
          state,
          context
              .meters()
              .counter(
                  "sluice_circuit_breaker_transitions_total",
                  "breaker",
                  context.name(),
                  "to",
                  label(state)));
    }
    StandardBreaker breaker =
        new StandardBreaker(
            decoded,
            context.ticker(),
            (transition, why) -> {
              Objects.requireNonNull(counters.get(transition.to())).increment();
              log.info(
                  "{}: {} to {}, {}",
                  context.name(),
                  label(transition.from()),
                  label(transition.to()),
                  why);
            });
    for (CircuitBreaker.State state : CircuitBreaker.State.values()) {
      context
          .meters()
          .gauge(
              "sluice_circuit_breaker_state",
              () -> breaker.state() == state ? 1 : 0,
              "breaker",
              context.name(),
              "state",
              label(state));
    }
    return breaker;
  }

  private static String label(CircuitBreaker.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
