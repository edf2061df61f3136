package io.sluice.core.plugin;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.observe.Meters;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.UpstreamClient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The context of one instance, and everything the instance took from it, so that all of it is given
 * back in reverse order when the instance is closed.
 */
final class PluginScope implements PluginContext {

  private static final Logger log = LoggerFactory.getLogger(PluginScope.class);

  private final PluginServices services;
  private final SlotNumbers slots;
  private final PluginInstances instances;
  private final RegisteredPlugin plugin;
  private final String name;
  private final TaskSet tasks;
  private final Runnable letGo;
  private final Deque<Object> nested = new ArrayDeque<>();
  private final List<Integer> attributes = new ArrayList<>();
  private int slotsTaken;
  private @Nullable Meters meters;

  /**
   * Makes nested plugins. Known only while the instance is made: an instance that is carried over
   * must not keep the old generation's plugins, and so their class loaders, from being collected.
   */
  private @Nullable PluginHost host;

  PluginScope(
      PluginServices services,
      SlotNumbers slots,
      PluginInstances instances,
      RegisteredPlugin plugin,
      String name,
      Runnable letGo) {
    this.letGo = letGo;
    this.services = services;
    this.slots = slots;
    this.instances = instances;
    this.plugin = plugin;
    this.name = name;
    this.tasks = new TaskSet(services.scheduler(), this::guarded);
  }

  RegisteredPlugin plugin() {
    return plugin;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Clock clock() {
    return services.clock();
  }

  @Override
  public LongSupplier ticker() {
    return services.ticker();
  }

  @Override
  public synchronized Meters meters() {
    Meters known = meters;
    if (known == null) {
      known = services.meters().apply(name);
      meters = known;
    }
    return known;
  }

  @Override
  public UpstreamClient client(ConfigSection config, String key, String upstream) {
    return services.clients().client(config, key, upstream);
  }

  @Override
  public Task schedule(Duration delay, Runnable task) {
    return tasks.once(delay, task);
  }

  @Override
  public Task scheduleRepeatedly(Duration initialDelay, Duration interval, Runnable task) {
    return tasks.repeatedly(initialDelay, interval, task);
  }

  @Override
  public <T> CompletionStage<T> offload(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      services.blocking().execute(() -> complete(result, work));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private <T> void complete(CompletableFuture<T> result, Callable<T> work) {
    within(
        () -> {
          try {
            result.complete(work.call());
          } catch (Exception | LinkageError e) {
            result.completeExceptionally(e);
          }
        });
  }

  @Override
  public synchronized <T> Attribute<T> attribute(Class<T> type) {
    int number = slots.takeAttribute();
    attributes.add(number);
    return new Attribute<>(number, type);
  }

  @Override
  public synchronized <T> EndpointSlot<T> endpointSlot(Class<T> type) {
    String owner =
        plugin.kind()
            + " "
            + plugin.type()
            + " "
            + name
            + " "
            + type.getName()
            + " "
            + slotsTaken++;
    return new EndpointSlot<>(slots.endpointSlot(owner), type);
  }

  @Override
  public <P> @Nullable P create(
      Class<? extends PluginFactory<P>> kind,
      ConfigSection section,
      @Nullable String fallbackType) {
    PluginHost maker = host;
    if (maker == null) {
      throw new IllegalStateException("nested plugins are made while their owner is made");
    }
    P made = maker.make(kind, section, fallbackType, section.path());
    if (made != null) {
      synchronized (this) {
        nested.push(made);
      }
    }
    return made;
  }

  /** Runs {@code creation}, which may make nested plugins by {@code maker}. */
  void create(PluginHost maker, Runnable creation) {
    host = maker;
    try {
      within(creation);
    } finally {
      host = null;
    }
  }

  /**
   * Runs the plugin's code with its class loader as the thread's, which its libraries may ask for.
   */
  void within(Runnable code) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(plugin.factory().getClass().getClassLoader());
    try {
      code.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private void guarded(Runnable task) {
    within(
        () -> {
          try {
            task.run();
          } catch (RuntimeException | LinkageError e) {
            log.error("plugin {} ({}): a scheduled task failed", name, plugin.type(), e);
          }
        });
  }

  /** Closes the instance itself, if there is one, and then everything it took. */
  void close(@Nullable Object instance) {
    tasks.close();
    if (instance instanceof AutoCloseable closeable) {
      within(() -> close("", closeable));
    }
    List<Object> inner;
    synchronized (this) {
      inner = List.copyOf(nested);
      nested.clear();
      attributes.forEach(slots::giveBackAttribute);
      attributes.clear();
      if (meters instanceof AutoCloseable closeable) {
        close("meters of ", closeable);
      }
      meters = null;
    }
    inner.forEach(instances::close);
    letGo.run();
  }

  private void close(String what, AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception | LinkageError e) {
      log.error("{}plugin {} ({}) did not close", what, name, plugin.type(), e);
    }
  }
}
