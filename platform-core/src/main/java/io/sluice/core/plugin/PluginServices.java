package io.sluice.core.plugin;

import io.sluice.api.observe.Meters;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What the platform has to lend to plugins. Owned by the platform, which closes it after the last
 * plugin.
 *
 * @param meters the meters of an instance by its name; asked once for each instance that wants
 *     some, and closed with it when they are {@link AutoCloseable}
 * @param scheduler runs short tasks; should remove tasks that are cancelled
 * @param blocking runs work that blocks, see {@link BlockingExecutor}; may refuse it
 * @param clients calls through upstreams
 * @param clock wall-clock time
 * @param ticker monotonic nanoseconds
 */
public record PluginServices(
    Function<String, Meters> meters,
    ScheduledExecutorService scheduler,
    Executor blocking,
    Clients clients,
    Clock clock,
    LongSupplier ticker) {

  /** The same services with the upstreams of another generation. */
  public PluginServices with(Clients other) {
    return new PluginServices(meters, scheduler, blocking, other, clock, ticker);
  }
}
