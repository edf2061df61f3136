package io.sluice.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.RateLimitStore;
import io.sluice.api.limit.RateLimitStoreFactory;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.observe.Meters;
import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginHostTest {

  private final Path plugins;
  private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
  private final ExecutorService blocking = BlockingExecutor.create();
  private final List<String> events = new ArrayList<>();
  private final Problems problems = new Problems();

  PluginHostTest(@TempDir Path plugins) {
    this.plugins = plugins;
  }

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
    blocking.shutdownNow();
  }

  private PluginServices services() {
    return new PluginServices(
        name -> new ClosableMeters(events, name),
        scheduler,
        blocking,
        (config, key, upstream) -> {
          throw new IllegalStateException("no upstreams here");
        },
        Clock.systemUTC(),
        System::nanoTime);
  }

  private PluginHost host(PluginFactory<?>... factories) {
    return new PluginHost(registry(factories), services());
  }

  private PluginRegistry registry(PluginFactory<?>... factories) {
    return PluginRegistry.of(List.of(factories));
  }

  private LocatedSection section(String hocon) {
    LocatedSection root =
        ConfigLoader.parse(Path.of("sluice.conf"), "it {" + hocon + "}", Map.of(), problems);
    return LocatedSection.of(Objects.requireNonNull(root).section("it").required());
  }

  private static <T> T made(@Nullable T instance) {
    return Objects.requireNonNull(instance);
  }

  @Test
  void unknownTypeIsNamedWithTheClosest() {
    PluginHost host = host(new Plain("cors"), new Plain("headers"));

    assertThat(host.create(MiddlewareFactory.class, section("type = header"), null, "it")).isNull();
    assertThat(host.create(MiddlewareFactory.class, section("type = zzz"), null, "it")).isNull();

    assertThat(problems.render())
        .containsExactly(
            "sluice.conf:1: it.type: no middleware \"header\" (did you mean \"headers\"?)",
            "sluice.conf:1: it.type: no middleware \"zzz\" (expected: one of cors, headers)");
  }

  @Test
  void aKindWithoutAnyPluginIsNamedAsMissing() {
    PluginHost host = host(new Plain("cors"));

    assertThat(host.create(RateLimitStoreFactory.class, section("a = 1"), "local", "it")).isNull();

    assertThat(problems.render())
        .containsExactly(
            "sluice.conf:1: it: no rate-limit store \"local\": no rate-limit store plugin is"
                + " installed (expected: the jar that offers it in a plugin directory)");
  }

  @Test
  void aMissingTypeIsAProblemUnlessThereIsADefault() {
    PluginHost host = host(new Plain("cors"));

    assertThat(host.create(MiddlewareFactory.class, section(""), null, "it")).isNull();
    assertThat(problems.render()).singleElement().asString().contains("it.type");
    assertThat(host.create(MiddlewareFactory.class, section(""), "cors", "it")).isNotNull();
  }

  @Test
  void aRefusedTypeIsExplained() {
    Path one = PluginJar.middleware("acme.One", "same").write(plugins.resolve("one.jar"));
    Path two = PluginJar.middleware("acme.Two", "same").write(plugins.resolve("two/two.jar"));
    List<String> warnings = new ArrayList<>();
    try (PluginRegistry registry =
        PluginRegistry.discover(List.of(plugins), getClass().getClassLoader(), warnings::add)) {
      PluginHost host = new PluginHost(registry, services());

      assertThat(host.create(MiddlewareFactory.class, section("type = same"), null, "it")).isNull();

      assertThat(problems.render())
          .singleElement()
          .asString()
          .contains("no middleware \"same\": " + one + " offers it, but", two + " too");
    }
  }

  @Test
  void aFactoryThatThrowsIsAProblemOfItsBlockAndGivesBackWhatItTook() {
    PluginHost host =
        host(
            new Plain("bad") {
              @Override
              public Middleware create(ConfigSection config, PluginContext context) {
                context.attribute(String.class);
                context.scheduleRepeatedly(Duration.ofDays(1), Duration.ofDays(1), () -> {});
                throw new IllegalStateException("no luck");
              }
            });

    assertThat(host.create(MiddlewareFactory.class, section("type = bad, x = 1"), null, "it"))
        .isNull();

    assertThat(problems.render())
        .singleElement()
        .asString()
        .contains("sluice.conf:1: it.type: ", "\"bad\"", "IllegalStateException: no luck");
    assertThat(host.attributeCount()).isZero();
    assertThat(scheduler.getQueue()).allMatch(task -> ((Future<?>) task).isCancelled());
  }

  @Test
  void closesTheInstanceThenItsNestedPluginsAndMetersAndOnlyOnce() {
    PluginHost host = host(new Nesting(events), new Store(events));
    Middleware outer =
        made(host.create(MiddlewareFactory.class, section("type = nesting"), null, "middleware.a"));
    assertThat(events).containsExactly("store made", "nesting made");
    assertThat(host.name(outer)).isEqualTo("middleware.a");
    assertThat(made(host.plugin(outer)).type()).isEqualTo("nesting");
    events.clear();

    host.close(outer);
    host.close(outer);

    assertThat(events)
        .containsExactly("nesting closed", "meters of middleware.a closed", "store closed");
    assertThat(host.name(outer)).isNull();
  }

  @Test
  void discardClosesTheLastMadeFirstAndNoNestedPluginTwice() {
    PluginHost host = host(new Nesting(events), new Store(events));
    host.create(MiddlewareFactory.class, section("type = nesting"), null, "a");
    host.create(RateLimitStoreFactory.class, section("type = store"), null, "b");
    events.clear();

    host.discard();
    host.discard();

    assertThat(events)
        .containsExactly("store closed", "nesting closed", "meters of a closed", "store closed");
  }

  @Test
  void nestedPluginsAreMadeOnlyWhileTheirOwnerIs() {
    Plain factory = new Plain("late");
    PluginHost host = host(factory, new Store(events));
    host.create(MiddlewareFactory.class, section("type = late"), null, "a");

    assertThatThrownBy(
            () ->
                factory
                    .context()
                    .create(RateLimitStoreFactory.class, section("type = store"), null))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theNextInstanceAtAPlaceIsGivenTheSlotsOfTheOneBefore() {
    Plain factory = new Plain("plain");
    PluginHost first = host(factory);
    made(first.create(MiddlewareFactory.class, section("type = plain"), null, "a"));
    PluginContext before = factory.context();
    int one = before.endpointSlot(String.class).index();
    int two = before.endpointSlot(String.class).index();
    PluginHost second = first.next(registry(factory), services());
    made(second.create(MiddlewareFactory.class, section("type = plain"), null, "a"));
    PluginContext after = factory.context();
    assertThat(after.endpointSlot(String.class).index()).isEqualTo(one).isNotEqualTo(two);
    assertThat(after.endpointSlot(String.class).index()).isEqualTo(two);
    assertThat(after.endpointSlot(Integer.class).index()).isNotIn(one, two);
  }

  @Test
  void attributesStayDenseOverGenerationsAndEndpointSlotsAreNeverReused() {
    Plain factory = new Plain("plain");
    PluginHost first = host(factory);
    Middleware a = made(first.create(MiddlewareFactory.class, section("type = plain"), null, "a"));
    PluginContext contextA = factory.context();
    assertThat(contextA.attribute(String.class).index()).isZero();
    assertThat(contextA.endpointSlot(String.class).index()).isZero();
    Middleware b = made(first.create(MiddlewareFactory.class, section("type = plain"), null, "b"));
    assertThat(factory.context().attribute(String.class).index()).isEqualTo(1);
    assertThat(first.attributeCount()).isEqualTo(2);

    PluginHost second = first.next(registry(factory), services());
    second.close(a);
    Middleware c = made(second.create(MiddlewareFactory.class, section("type = plain"), null, "c"));
    assertThat(factory.context().attribute(String.class).index()).isZero();
    assertThat(factory.context().endpointSlot(String.class).index()).isEqualTo(1);
    assertThat(second.attributeCount()).isEqualTo(2);
    second.close(b);
    second.close(c);
    assertThat(second.attributeCount()).isZero();
  }

  @Test
  void oneObjectHandedOutTwiceIsTwoInstances() {
    Middleware only = new Middleware() {};
    PluginHost host =
        host(
            new Plain("single") {
              @Override
              public Middleware create(ConfigSection config, PluginContext context) {
                return only;
              }
            });
    host.create(MiddlewareFactory.class, section("type = single"), null, "a");
    host.create(MiddlewareFactory.class, section("type = single"), null, "b");

    host.close(only);
    assertThat(host.name(only)).isEqualTo("a");
    host.close(only);
    assertThat(host.name(only)).isNull();
  }

  @Test
  void aRepeatedTaskThatThrowsRunsAgainAndStopsWithItsInstance() {
    Plain factory = new Plain("plain");
    PluginHost host = host(factory);
    Middleware a = made(host.create(MiddlewareFactory.class, section("type = plain"), null, "a"));
    AtomicInteger runs = new AtomicInteger();
    factory
        .context()
        .scheduleRepeatedly(
            Duration.ZERO,
            Duration.ofMillis(1),
            () -> {
              runs.incrementAndGet();
              throw new IllegalStateException("every time");
            });
    await().until(() -> runs.get() >= 3);

    host.close(a);

    PluginContext.Task late = factory.context().schedule(Duration.ZERO, runs::incrementAndGet);
    late.cancel();
    assertThat(scheduler.getQueue()).allMatch(task -> ((Future<?>) task).isCancelled());
  }

  @Test
  void tasksThatRanOrWereCancelledAreForgotten() {
    AtomicInteger runs = new AtomicInteger();
    TaskSet tasks = new TaskSet(scheduler, Runnable::run);
    for (int i = 0; i < 100; i++) {
      tasks.once(Duration.ZERO, runs::incrementAndGet);
    }
    tasks.once(Duration.ofDays(1), runs::incrementAndGet).cancel();
    await().until(() -> runs.get() == 100);

    assertThat(tasks.size()).isZero();
    PluginContext.Task pending = tasks.repeatedly(Duration.ofDays(1), Duration.ofDays(1), () -> {});
    assertThat(tasks.size()).isEqualTo(1);
    tasks.close();
    assertThat(tasks.size()).isZero();
    pending.cancel();
  }

  @Test
  void offloadedWorkRunsElsewhereWithThePluginsClassLoader() {
    PluginJar.middleware("acme.A", "a").write(plugins.resolve("a/a.jar"));
    List<String> warnings = new ArrayList<>();
    try (PluginRegistry registry =
        PluginRegistry.discover(List.of(plugins), getClass().getClassLoader(), warnings::add)) {
      RegisteredPlugin plugin = made(registry.find(PluginKind.MIDDLEWARE, "a"));
      PluginScope scope =
          new PluginScope(
              services(), new SlotNumbers(), new PluginInstances(), plugin, "a", () -> {});
      Thread test = Thread.currentThread();
      CompletionStage<List<Object>> seen =
          scope.offload(
              () -> {
                Thread thread = Thread.currentThread();
                return List.of(thread, thread.getContextClassLoader());
              });

      await().until(() -> seen.toCompletableFuture().isDone());
      List<Object> threadAndLoader = seen.toCompletableFuture().getNow(List.of());
      assertThat(threadAndLoader.get(0)).isNotSameAs(test);
      assertThat(threadAndLoader.get(1)).isSameAs(plugin.factory().getClass().getClassLoader());
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void anInstanceKeepsItsClassLoaderOpenUntilItIsClosed() throws Exception {
    String body =
        "if (true) return new Middleware() { public void close() { acme.Late.close(); } };";
    new PluginJar()
        .source("acme.A", PluginJar.middlewareSource("acme.A", "return \"a\";", body, ""))
        .source("acme.Late", "package acme; class Late { static void close() {} }")
        .service("io.sluice.api.middleware.MiddlewareFactory", "acme.A")
        .write(plugins.resolve("a/a.jar"));
    PluginRegistry registry =
        PluginRegistry.discover(List.of(plugins), getClass().getClassLoader(), line -> {});
    PluginHost host = new PluginHost(registry, services());
    Middleware instance =
        made(host.create(MiddlewareFactory.class, section("type = a"), null, "it"));
    ClassLoader loader = instance.getClass().getClassLoader();
    registry.close();

    assertThat(loader.loadClass("acme.Late")).isNotNull();
    assertThat(loader.getResource("acme/Late.class")).isNotNull();
    host.close(instance);
    assertThat(loader.getResource("acme/Late.class")).isNull();
  }

  @Test
  void workThatFailsOrIsRefusedFailsItsStage() {
    Plain factory = new Plain("plain");
    PluginHost host = host(factory);
    host.create(MiddlewareFactory.class, section("type = plain"), null, "a");
    CompletionStage<Object> failing =
        factory
            .context()
            .offload(
                () -> {
                  throw new IOException("disk");
                });
    await().until(() -> failing.toCompletableFuture().isCompletedExceptionally());

    blocking.shutdownNow();
    CompletionStage<Object> refused = factory.context().offload(() -> "never");
    assertThat(refused.toCompletableFuture())
        .failsWithin(Duration.ofSeconds(5))
        .withThrowableThat()
        .withCauseInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void virtualThreadsCarryBlockingWorkWhereTheJvmHasThem() {
    boolean available = Runtime.version().feature() >= 21;
    assertThat(blocking instanceof java.util.concurrent.ThreadPoolExecutor).isNotEqualTo(available);
    ExecutorService pool = BlockingExecutor.pool();
    AtomicInteger ran = new AtomicInteger();
    pool.execute(ran::incrementAndGet);
    await().until(() -> ran.get() == 1);
    pool.shutdownNow();
  }

  @Test
  void tellsTheKeysOfAPlugin() {
    RegisteredPlugin plugin =
        made(
            registry(new Nesting(events), new Store(events))
                .find(PluginKind.MIDDLEWARE, "nesting"));

    assertThat(PluginKeys.of(plugin))
        .extracting(key -> key.path() + ": " + key.type() + " = " + key.fallback())
        .containsExactly(
            "size: whole number from 1 to 9 = 3",
            "store: block = ",
            "store.type: text = \"store\"");
  }

  /** Makes middleware that does nothing, and remembers the last context. */
  private static class Plain implements MiddlewareFactory {

    private final String type;
    private final List<PluginContext> contexts = new ArrayList<>();

    Plain(String type) {
      this.type = type;
    }

    PluginContext context() {
      return contexts.get(contexts.size() - 1);
    }

    @Override
    public String type() {
      return type;
    }

    @Override
    public Middleware create(ConfigSection config, PluginContext context) {
      contexts.add(context);
      return new Middleware() {};
    }
  }

  private record Nesting(List<String> events) implements MiddlewareFactory {

    @Override
    public String type() {
      return "nesting";
    }

    @Override
    public Middleware create(ConfigSection config, PluginContext context) {
      config.integer("size", 1, 9).orElse(3L);
      context.create(
          RateLimitStoreFactory.class,
          config.section("store").orElse(config.empty("store")),
          "store");
      context.meters().counter("made");
      events.add("nesting made");
      return new Middleware() {
        @Override
        public void close() {
          events.add("nesting closed");
        }
      };
    }
  }

  private record Store(List<String> events) implements RateLimitStoreFactory {

    @Override
    public String type() {
      return "store";
    }

    @Override
    public RateLimitStore create(ConfigSection config, PluginContext context) {
      events.add("store made");
      return new RateLimitStore() {
        @Override
        public CompletionStage<Decision> take(String key, Quota quota, int cost) {
          throw new UnsupportedOperationException("not asked for");
        }

        @Override
        public void close() {
          events.add("store closed");
          throw new IllegalStateException("and fails at it");
        }
      };
    }
  }

  private record ClosableMeters(List<String> events, String name) implements Meters, AutoCloseable {

    @Override
    public Counter counter(String meter, String... labels) {
      return amount -> {};
    }

    @Override
    public Timer timer(String meter, String... labels) {
      return nanos -> {};
    }

    @Override
    public void gauge(String meter, java.util.function.DoubleSupplier value, String... labels) {}

    @Override
    public void close() {
      events.add("meters of " + name + " closed");
    }
  }
}
