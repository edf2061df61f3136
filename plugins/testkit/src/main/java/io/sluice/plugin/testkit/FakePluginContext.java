package io.sluice.plugin.testkit;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.UpstreamClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lends a plugin what the platform would, with nothing behind it: time that the test moves, tasks
 * that run when it does, upstreams that answer as told. Tasks may be scheduled from any thread, the
 * rest is used on the test's.
 */
public final class FakePluginContext implements PluginContext, AutoCloseable {

  private final String name;
  private final FakeClock clock = new FakeClock();
  private final FakeMeters meters = new FakeMeters();
  private final List<Planned> planned = new ArrayList<>();
  private final List<PluginFactory<?>> offers = new ArrayList<>();
  private final Map<String, Function<ClientRequest, ClientResponse>> upstreams = new HashMap<>();
  private final List<ClientRequest> sent = new ArrayList<>();
  private final Deque<AutoCloseable> nested = new ArrayDeque<>();
  private int attributes;
  private int slots;

  /** The context of an instance called {@code test}. */
  public FakePluginContext() {
    this("test");
  }

  /** The context of an instance of that name. */
  public FakePluginContext(String name) {
    this.name = name;
  }

  /** Offers a nested plugin, before those that the class path offers. */
  public FakePluginContext offer(PluginFactory<?> factory) {
    offers.add(factory);
    return this;
  }

  /** Says what an upstream answers. One that nothing was said of refuses the connection. */
  public FakePluginContext upstream(
      String upstream, Function<ClientRequest, ClientResponse> answer) {
    upstreams.put(upstream, answer);
    return this;
  }

  /** What the plugin sent to upstreams, in order. */
  public List<ClientRequest> sent() {
    return List.copyOf(sent);
  }

  /** Lets time pass and runs what falls due, each task at its own moment and in order. */
  public synchronized void advance(Duration time) {
    long end = clock.nanos() + time.toNanos();
    while (true) {
      Planned next =
          planned.stream()
              .filter(task -> task.dueNanos <= end)
              .min(Comparator.comparingLong(task -> task.dueNanos))
              .orElse(null);
      if (next == null) {
        break;
      }
      clock.advance(Duration.ofNanos(Math.max(0, next.dueNanos - clock.nanos())));
      if (next.intervalNanos > 0) {
        next.dueNanos += next.intervalNanos;
      } else {
        planned.remove(next);
      }
      next.task.run();
    }
    clock.advance(Duration.ofNanos(Math.max(0, end - clock.nanos())));
  }

  /** How many tasks wait to run. */
  public synchronized int planned() {
    return planned.size();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public FakeClock clock() {
    return clock;
  }

  @Override
  public LongSupplier ticker() {
    return clock.ticker();
  }

  @Override
  public FakeMeters meters() {
    return meters;
  }

  @Override
  public UpstreamClient client(ConfigSection config, String key, String upstream) {
    return request -> {
      sent.add(request);
      Function<ClientRequest, ClientResponse> answer = upstreams.get(upstream);
      if (answer == null) {
        return CompletableFuture.failedFuture(
            new ProxyError(ErrorKind.CONNECTION_REFUSED, true, "connection refused", null));
      }
      try {
        return CompletableFuture.completedFuture(answer.apply(request));
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    };
  }

  @Override
  public Task schedule(Duration delay, Runnable task) {
    return plan(delay, Duration.ZERO, task);
  }

  @Override
  public Task scheduleRepeatedly(Duration initialDelay, Duration interval, Runnable task) {
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("no interval: " + interval);
    }
    return plan(initialDelay, interval, task);
  }

  private synchronized Task plan(Duration delay, Duration interval, Runnable task) {
    Planned next = new Planned(clock.nanos() + delay.toNanos(), interval.toNanos(), task);
    planned.add(next);
    return () -> forget(next);
  }

  private synchronized void forget(Planned task) {
    planned.remove(task);
  }

  /** Runs the work here and now. */
  @Override
  public <T> CompletionStage<T> offload(Callable<T> work) {
    try {
      return CompletableFuture.completedFuture(work.call());
    } catch (Exception e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public <T> Attribute<T> attribute(Class<T> type) {
    return new Attribute<>(attributes++, type);
  }

  @Override
  public <T> EndpointSlot<T> endpointSlot(Class<T> type) {
    return new EndpointSlot<>(slots++, type);
  }

  @Override
  public <P> @Nullable P create(
      Class<? extends PluginFactory<P>> kind,
      ConfigSection section,
      @Nullable String fallbackType) {
    var read = section.string("type").describe("which plugin");
    String type = fallbackType == null ? read.required() : read.orElse(fallbackType);
    PluginFactory<P> factory = find(kind, type);
    if (factory == null) {
      section.problem("type", "no " + kind.getSimpleName() + " offers \"" + type + "\"", "");
      return null;
    }
    P made = factory.create(section, this);
    if (made instanceof AutoCloseable closeable) {
      nested.push(closeable);
    }
    return made;
  }

  private <P> @Nullable PluginFactory<P> find(Class<? extends PluginFactory<P>> kind, String type) {
    for (PluginFactory<?> offer : offers) {
      if (kind.isInstance(offer) && offer.type().equals(type)) {
        return kind.cast(offer);
      }
    }
    for (PluginFactory<P> offer : ServiceLoader.load(kind)) {
      if (offer.type().equals(type)) {
        return offer;
      }
    }
    return null;
  }

  /**
   * Forgets every task and closes nested plugins, as the platform does after the plugin itself.
   *
   * @throws IllegalStateException when one of them does not close
   */
  @Override
  public synchronized void close() {
    planned.clear();
    while (!nested.isEmpty()) {
      AutoCloseable inner = nested.pop();
      try {
        inner.close();
      } catch (Exception e) {
        throw new IllegalStateException(inner + " did not close", e);
      }
    }
  }

  private static final class Planned {

    private final long intervalNanos;
    private final Runnable task;
    private long dueNanos;

    Planned(long dueNanos, long intervalNanos, Runnable task) {
      this.dueNanos = dueNanos;
      this.intervalNanos = intervalNanos;
      this.task = task;
    }
  }
}
