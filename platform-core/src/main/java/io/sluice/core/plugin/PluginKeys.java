package io.sluice.core.plugin;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.observe.Meters;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.UpstreamClient;
import io.sluice.core.config.KeyDoc;
import io.sluice.core.config.KeyRecorder;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration keys of a plugin, found by letting its factory read a block that answers with
 * placeholders. The instance made on the way is closed and was lent nothing that does anything.
 */
public final class PluginKeys {

  private static final Logger log = LoggerFactory.getLogger(PluginKeys.class);

  private PluginKeys() {}

  /** The keys beside {@code type}; empty when the plugin fails on placeholders, which is logged. */
  public static List<KeyDoc> of(RegisteredPlugin plugin) {
    try {
      return KeyRecorder.record(section -> make(plugin, section));
    } catch (RuntimeException | LinkageError e) {
      log.warn("plugin {} of {} does not tell its keys", plugin.type(), plugin.source(), e);
      return List.of();
    }
  }

  private static void make(RegisteredPlugin plugin, ConfigSection section) {
    Object instance = plugin.factory().create(section, new Nothing(plugin.type()));
    if (instance instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.warn("plugin {} of {} did not close", plugin.type(), plugin.source(), e);
      }
    }
  }

  /** Lends what a factory may ask for, without effect. */
  private record Nothing(String name) implements PluginContext, Meters {

    @Override
    public Clock clock() {
      return Clock.systemUTC();
    }

    @Override
    public LongSupplier ticker() {
      return System::nanoTime;
    }

    @Override
    public Meters meters() {
      return this;
    }

    @Override
    public Counter counter(String meter, String... labels) {
      return amount -> {};
    }

    @Override
    public Timer timer(String meter, String... labels) {
      return nanos -> {};
    }

    @Override
    public void gauge(String meter, DoubleSupplier value, String... labels) {}

    @Override
    public UpstreamClient client(ConfigSection config, String key, String upstream) {
      return request -> unavailable();
    }

    @Override
    public Task schedule(Duration delay, Runnable task) {
      return () -> {};
    }

    @Override
    public Task scheduleRepeatedly(Duration initialDelay, Duration interval, Runnable task) {
      return () -> {};
    }

    @Override
    public <T> CompletionStage<T> offload(Callable<T> work) {
      return unavailable();
    }

    private static <T> CompletionStage<T> unavailable() {
      return CompletableFuture.failedFuture(new IllegalStateException("only keys are asked for"));
    }

    @Override
    public <T> Attribute<T> attribute(Class<T> type) {
      return new Attribute<>(0, type);
    }

    @Override
    public <T> EndpointSlot<T> endpointSlot(Class<T> type) {
      return new EndpointSlot<>(0, type);
    }

    @Override
    public <P> @Nullable P create(
        Class<? extends PluginFactory<P>> kind,
        ConfigSection section,
        @Nullable String fallbackType) {
      var type =
          section.string("type").describe("which " + PluginKind.of(kind).words() + " plugin");
      if (fallbackType == null) {
        type.required();
      } else {
        type.orElse(fallbackType);
      }
      return null;
    }
  }
}
