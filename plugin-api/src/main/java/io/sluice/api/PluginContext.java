package io.sluice.api;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.observe.Meters;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.UpstreamClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the platform lends a plugin instead of Netty. One for each plugin instance; everything taken
 * from it (tasks, meters, nested plugins) is given back when that instance is closed. Every method
 * may be called from any thread unless it says otherwise.
 */
public interface PluginContext {

  /**
   * Where this instance stands in the configuration: {@code middleware.cors}. For logs and meters.
   */
  String name();

  /** Wall-clock time. */
  Clock clock();

  /**
   * Monotonic time in nanoseconds, with {@link System#nanoTime}'s contract; tests put a fake here.
   */
  LongSupplier ticker();

  /** Meters of this instance. */
  Meters meters();

  /**
   * A non-blocking client that sends through one of the configuration's upstreams, with its pool,
   * balancer, health and TLS. Resolved lazily: the upstream may be declared further down; an
   * unknown name is a problem of {@code config} at {@code key}.
   */
  UpstreamClient client(ConfigSection config, String key, String upstream);

  /** Runs {@code task} once after {@code delay}, on a shared thread that it must not block. */
  Task schedule(Duration delay, Runnable task);

  /**
   * Runs {@code task} again and again, {@code interval} apart from start to start. A run that
   * throws is logged and the next one still comes.
   */
  Task scheduleRepeatedly(Duration initialDelay, Duration interval, Runnable task);

  /**
   * Runs work that blocks: on a virtual thread where the JVM has them, else on a bounded pool. The
   * stage completes on that thread.
   */
  <T> CompletionStage<T> offload(Callable<T> work);

  /** A place for this plugin's own state in every exchange. Call while the plugin is created. */
  <T> Attribute<T> attribute(Class<T> type);

  /**
   * A place for this plugin's own state at every endpoint. Call while the plugin is created, always
   * in the same order: after a reload the next instance of the same type at the same place in the
   * configuration is given the same places, and finds there what this one kept. While the old
   * generation drains, both instances use it.
   */
  <T> EndpointSlot<T> endpointSlot(Class<T> type);

  /**
   * Makes a nested plugin, such as a store, from a block with a {@code type} key. Closed together
   * with this instance. Call while the plugin is created.
   *
   * @param kind the factory interface of the kind wanted
   * @param section the nested block
   * @param fallbackType the type when the block does not say, or null to make {@code type} required
   * @return the plugin, or null when a problem was recorded in {@code section}
   */
  <P> @Nullable P create(
      Class<? extends PluginFactory<P>> kind, ConfigSection section, @Nullable String fallbackType);

  /** Something scheduled. */
  interface Task {
    /** Prevents every run that has not begun. Safe to call again. */
    void cancel();
  }
}
