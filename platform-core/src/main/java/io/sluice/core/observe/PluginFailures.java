package io.sluice.core.observe;

import io.sluice.core.plugin.Fatal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one plugin instance throws where the platform goes on without its answer: counted always,
 * logged at most once every ten seconds, since a plugin that throws tends to throw at every
 * request. From any thread; without a lock.
 */
public final class PluginFailures {

  private static final Logger log = LoggerFactory.getLogger(PluginFailures.class);
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String plugin;
  private final Counter count;
  private final LongSupplier ticker;
  private final AtomicLong quietUntilNanos;
  private final AtomicLong unlogged = new AtomicLong();

  /**
   * Of the plugin that stands at {@code plugin} in the configuration.
   *
   * @param meters where they are counted
   */
  public PluginFailures(MeterScope meters, String plugin) {
    this(meters, plugin, System::nanoTime);
  }

  PluginFailures(MeterScope meters, String plugin, LongSupplier ticker) {
    this.plugin = plugin;
    this.count = meters.counter(MetricNames.PLUGIN_FAILURES, "plugin", plugin);
    this.ticker = ticker;
    this.quietUntilNanos = new AtomicLong(ticker.getAsLong());
  }

  /**
   * A call threw. Exceptions and errors are taken alike, as a plugin built against a library that
   * is not there throws a {@link LinkageError}; what says that the virtual machine itself is in
   * trouble is thrown on.
   *
   * @param call what was asked of the plugin, for the log
   */
  public void record(String call, Throwable cause) {
    Fatal.rethrow(cause);
    count.increment();
    long now = ticker.getAsLong();
    long due = quietUntilNanos.get();
    if (now - due < 0 || !quietUntilNanos.compareAndSet(due, now + LOG_INTERVAL_NANOS)) {
      unlogged.incrementAndGet();
      return;
    }
    long before = unlogged.getAndSet(0);
    log.error("plugin {}: {} threw ({} more since the last report)", plugin, call, before, cause);
  }

  /** How many calls threw. */
  public long total() {
    return count.getCount();
  }
}
