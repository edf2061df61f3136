package io.sluice.plugin.gradient2;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import io.sluice.api.observe.Meters;

/** Makes the {@code gradient2} concurrency limiter. */
public final class Gradient2Factory implements ConcurrencyLimiterFactory {

  @Override
  public String type() {
    return "gradient2";
  }

  @Override
  public ConcurrencyLimiter create(ConfigSection config, PluginContext context) {
    Gradient2Config decoded = Gradient2Config.decode(config);
    Meters meters = context.meters();
    Meters.Counter[] shed = new Meters.Counter[decoded.shares().size()];
    for (int i = 0; i < shed.length; i++) {
      shed[i] =
          meters.counter(
              "sluice_concurrency_shed_total",
              "limiter",
              context.name(),
              "priority",
              Integer.toString(i));
    }
    Gradient2Limiter limiter = new Gradient2Limiter(decoded, shed);
    meters.gauge("sluice_concurrency_limit", limiter::limit, "limiter", context.name());
    meters.gauge("sluice_concurrency_in_flight", limiter::inFlight, "limiter", context.name());
    context.scheduleRepeatedly(decoded.window(), decoded.window(), limiter::windowEnded);
    return limiter;
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
