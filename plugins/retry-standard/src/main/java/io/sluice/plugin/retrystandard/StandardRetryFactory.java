package io.sluice.plugin.retrystandard;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.observe.Meters;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code standard} retry policy. */
public final class StandardRetryFactory implements RetryPolicyFactory {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Override
  public String type() {
    return "standard";
  }

  @Override
  public RetryPolicy create(ConfigSection config, PluginContext context) {
    StandardRetryConfig decoded = StandardRetryConfig.decode(config);
    Meters.Counter exhausted =
        context.meters().counter("sluice_retry_budget_exhausted_total", "policy", context.name());
    Backoff backoff =
        new Backoff(decoded.backoff(), bound -> ThreadLocalRandom.current().nextLong(bound));
    StandardRetry policy = new StandardRetry(decoded, backoff, exhausted);
    context.scheduleRepeatedly(SECOND, SECOND, policy::tick);
    return policy;
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
