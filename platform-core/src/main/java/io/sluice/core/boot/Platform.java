package io.sluice.core.boot;

import io.sluice.core.admin.AdminModel;
import io.sluice.core.admin.AdminServer;
import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import io.sluice.core.listener.ListenerSocket;
import io.sluice.core.observe.MetricNames;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.plugin.PluginRegistry;
import io.sluice.core.route.Route;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running proxy: start, reload, drain, stop.
 *
 * <pre>
 *   load ─▶ decode ─▶ build ─▶ bind what is new ─▶ start upstreams ─▶ publish ─▶ drain what is old
 * </pre>
 *
 * <p>Thread-safe; reloads run one after the other on a thread of their own. Whatever is refused
 * leaves what serves untouched.
 */
public final class Platform implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Platform.class);

  private final Path file;
  private final PlatformOptions options;
  private final PlatformComponent process;
  private final ExecutorService configuring;
  private final Instant started = Instant.now();
  private final Sockets sockets;
  private final Hosts hosts;
  private final Set<Loaded> retiring =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
  private volatile @Nullable Loaded current;
  private volatile @Nullable AdminServer admin;
  private volatile boolean draining;
  private volatile AdminModel.@Nullable LastReload lastReload;
  private boolean closed;

  private Platform(Path file, PlatformOptions options, RuntimeConfig runtime) {
    this.file = file;
    this.options = options;
    this.process = DaggerPlatformComponent.factory().create(runtime, () -> loaded().generation());
    this.sockets = new Sockets(process.listenerServices());
    this.hosts = new Hosts(options, process, this::upstream);
    this.configuring =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "sluice-config");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts. Returns when every listener is bound; blocks the calling thread until then.
   *
   * @throws ConfigInvalid with every problem
   * @throws StartFailed when a port is taken or the file cannot be read
   */
  public static Platform start(Path config, PlatformOptions options)
      throws ConfigInvalid, StartFailed {
    Problems problems = new Problems();
    RootConfig root = read(config, options, problems);
    Platform platform = new Platform(config, options, root.runtime());
    try {
      platform.start(root, problems);
      return platform;
    } catch (ConfigInvalid | StartFailed | RuntimeException e) {
      platform.close();
      throw e;
    }
  }

  /**
   * Reads and builds a configuration with the code that {@link #start} uses, and starts nothing.
   *
   * @return every problem, located, in the order of the file; empty when it is valid
   * @throws StartFailed when the file cannot be read
   */
  public static List<String> check(Path config, PlatformOptions options) throws StartFailed {
    try (Platform platform = built(config, options)) {
      Loaded loaded = Objects.requireNonNull(platform.current);
      try {
        return loaded.listenerTls().values().stream()
            .flatMap(shared -> shared.value().inspect().stream())
            .toList();
      } finally {
        loaded.discard();
      }
    } catch (ConfigInvalid e) {
      return e.problems();
    }
  }

  /**
   * Says what would become of a request, for people. Sends nothing.
   *
   * @throws IllegalArgumentException for a method, URL or certificate that cannot be
   */
  public static List<String> explain(Path config, PlatformOptions options, ExplainRequest request)
      throws ConfigInvalid, StartFailed {
    try (Platform platform = built(config, options)) {
      Loaded loaded = Objects.requireNonNull(platform.current);
      try {
        return new Explainer(loaded).explain(request).report();
      } finally {
        loaded.discard();
      }
    }
  }

  /** A platform whose configuration is built and not started. */
  private static Platform built(Path config, PlatformOptions options)
      throws ConfigInvalid, StartFailed {
    Problems problems = new Problems();
    RootConfig root = read(config, options, problems);
    Platform platform = new Platform(config, options, root.runtime());
    try {
      platform.current = platform.build(root, problems, null);
      return platform;
    } catch (ConfigInvalid | RuntimeException e) {
      platform.close();
      throw e;
    }
  }

  private static RootConfig read(Path file, PlatformOptions options, Problems problems)
      throws ConfigInvalid, StartFailed {
    try {
      LocatedSection root = ConfigLoader.load(file, options.environment(), problems);
      if (root == null) {
        throw new ConfigInvalid(problems.render());
      }
      return RootConfig.decode(root);
    } catch (IOException e) {
      throw new StartFailed("cannot read " + file + ": " + StartFailed.reason(e), e);
    }
  }

  private void start(RootConfig root, Problems problems) throws ConfigInvalid, StartFailed {
    process.meters().exposeProcess(options.version(), options.commit());
    process.meters().exposeBuffers(Buffers::metric);
    process.meters().process().gauge(MetricNames.BUFFER_USED_BYTES, Buffers::inUse);
    Loaded loaded = build(root, problems, null);
    Map<String, ListenerSocket> opened;
    try {
      startTls(loaded);
      opened = sockets.open(loaded);
    } catch (StartFailed e) {
      loaded.discard();
      throw e;
    }
    serve(loaded, null);
    sockets.add(opened);
    opened.values().forEach(ListenerSocket::accept);
    if (!loaded.listenerTls().isEmpty()) {
      log.info("TLS is spoken by {}", root.runtime().tlsProvider().describe());
    }
    options.logLevel().accept(root.logLevel());
    exposeReloads();
    try {
      admin =
          Waiting.await(
              AdminServer.start(
                  root.admin(), new PlatformAdmin(this), process.meters(), process.blocking()));
    } catch (ExecutionException e) {
      throw new StartFailed(StartFailed.reason(e.getCause() == null ? e : e.getCause()), e);
    }
  }

  private void exposeReloads() {
    process
        .meters()
        .process()
        .gauge(MetricNames.CONFIG_GENERATION, () -> loaded().generation().number());
    process
        .meters()
        .process()
        .gauge(
            MetricNames.CONFIG_LAST_RELOAD_SUCCESS,
            () -> {
              AdminModel.LastReload last = lastReload;
              return last == null || last.success() ? 1 : 0;
            });
  }

  private Loaded build(RootConfig root, Problems problems, @Nullable Loaded before)
      throws ConfigInvalid {
    PluginHost host = hosts.next(root, before);
    Loaded built =
        process
            .generations()
            .create(root, host, GenerationFactory.Predecessor.of(before))
            .factory()
            .build(problems, before == null ? 1 : before.generation().number() + 1);
    if (built == null) {
      host.registry().close();
      throw new ConfigInvalid(problems.render());
    }
    return built;
  }

  private @Nullable Upstream upstream(String name) {
    Loaded now = current;
    return now == null ? null : now.upstream(name);
  }

  /** Before any connection is accepted with it, its certificates must be there. */
  private static void startTls(Loaded loaded) throws StartFailed {
    try {
      loaded.listenerTls().values().forEach(shared -> shared.value().start());
    } catch (IllegalStateException e) {
      throw new StartFailed(String.valueOf(e.getMessage()), e);
    }
  }

  private void serve(Loaded next, @Nullable Loaded before) {
    next.hold();
    next.upstreams()
        .values()
        .forEach(
            shared -> {
              Upstream upstream = shared.value();
              if (before == null || !before.upstreams().containsValue(shared)) {
                Upstream predecessor = before == null ? null : before.upstream(upstream.name());
                if (predecessor != null) {
                  predecessor.retire(); // before: what it decided until now is inherited
                }
                upstream.start(predecessor);
              }
            });
    current = next;
  }

  /** Closes what only {@code before} used, once nothing is under way on it. */
  private void retire(Loaded before) {
    retiring.add(before);
    before
        .generation()
        .retire(process.loops(), () -> process.blocking().execute(() -> closeRetired(before)));
  }

  private void closeRetired(Loaded before) {
    if (retiring.remove(before)) {
      before.close();
    }
  }

  /** Reads the configuration again. Completes when the new one serves, or was refused. */
  public CompletionStage<ReloadResult> reload() {
    return CompletableFuture.supplyAsync(this::reloadNow, configuring);
  }

  private ReloadResult reloadNow() {
    Loaded before = loaded();
    Problems problems = new Problems();
    ReloadResult result;
    try {
      RootConfig root = read(file, options, problems);
      Loaded next = build(root, problems, before);
      Map<String, ListenerSocket> opened;
      try {
        startTls(next);
        opened = sockets.open(next);
      } catch (StartFailed e) {
        next.discard();
        throw e;
      }
      List<String> changes = Changes.between(before, next);
      List<ListenerSocket> gone = sockets.move(next, opened, before.generation());
      serve(next, before);
      opened.values().forEach(ListenerSocket::accept);
      sockets.all().forEach(ListenerSocket::reconsider);
      for (ListenerSocket socket : gone) {
        Waiting.await(socket.drain()); // another one may bind the address in the next reload
      }
      retire(before);
      options.logLevel().accept(root.logLevel());
      result = new ReloadResult(next.generation().number(), changes, List.of());
      log.info("configuration {} serves: {}", result.generation(), describe(changes));
    } catch (ConfigInvalid e) {
      result = new ReloadResult(before.generation().number(), List.of(), e.problems());
    } catch (StartFailed | ExecutionException e) {
      result =
          new ReloadResult(
              before.generation().number(), List.of(), List.of(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      log.error("reload failed", e);
      result =
          new ReloadResult(before.generation().number(), List.of(), List.of("reload failed: " + e));
    }
    if (!result.ok()) {
      log.warn(
          "configuration refused, {} keeps serving: {}",
          result.generation(),
          String.join("; ", result.problems()));
    }
    lastReload = new AdminModel.LastReload(Instant.now(), result.ok(), result.problems());
    return result;
  }

  private static String describe(List<String> changes) {
    return changes.isEmpty() ? "nothing changed" : String.join(", ", changes);
  }

  /**
   * Accepts no more and waits until everything under way has ended.
   *
   * @param atMost how long
   * @return completes with whether everything ended in time
   */
  public CompletionStage<Boolean> drain(Duration atMost) {
    draining = true;
    List<ListenerSocket> open = sockets.all();
    open.forEach(ListenerSocket::drain);
    CompletableFuture<Boolean> drained = new CompletableFuture<>();
    long end = System.nanoTime() + atMost.toNanos();
    watch(open, end, drained);
    return drained;
  }

  private void watch(List<ListenerSocket> open, long end, CompletableFuture<Boolean> drained) {
    if (open.stream().mapToInt(ListenerSocket::connections).sum() == 0) {
      drained.complete(true);
    } else if (System.nanoTime() - end > 0) {
      drained.complete(false);
    } else {
      process.control().schedule(() -> watch(open, end, drained), 20, TimeUnit.MILLISECONDS);
    }
  }

  /** Where each listener is bound. */
  public Map<String, List<SocketAddress>> listeners() {
    return sockets.addresses(loaded().config());
  }

  /** The admin API's server, or null before it is bound. */
  @Nullable AdminServer adminServer() {
    return admin;
  }

  /** Where the admin API is bound, or null where it is off. */
  public @Nullable SocketAddress adminAddress() {
    AdminServer server = admin;
    return server == null ? null : server.address();
  }

  /** Where metrics are bound besides, or null. */
  public @Nullable SocketAddress metricsAddress() {
    AdminServer server = admin;
    return server == null ? null : server.metricsAddress();
  }

  /** The names of the upstreams that serve. */
  public List<String> upstreams() {
    return List.copyOf(loaded().config().upstreams().keySet());
  }

  /** How many endpoints the upstreams have together. */
  public int endpoints() {
    return loaded().upstreams().values().stream()
        .mapToInt(shared -> shared.value().endpoints().size())
        .sum();
  }

  /** The names of the routes, in the order of matching. */
  public List<String> routes() {
    return loaded().generation().routes().routes().stream().map(Route::name).toList();
  }

  /** How long a drain may take. */
  public Duration shutdownTimeout() {
    return loaded().config().runtime().shutdownTimeout();
  }

  /** The plugins that a configuration can name. */
  public PluginRegistry plugins() {
    return loaded().host().registry();
  }

  Loaded loaded() {
    Loaded now = current;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }

  PlatformOptions options() {
    return options;
  }

  EventLoops loops() {
    return process.loops();
  }

  Instant started() {
    return started;
  }

  boolean draining() {
    return draining;
  }

  AdminModel.@Nullable LastReload lastReload() {
    return lastReload;
  }

  Sockets sockets() {
    return sockets;
  }

  /**
   * Ends at once what is still under way and gives everything back. Blocks for a few seconds at
   * most.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    sockets.all().forEach(ListenerSocket::drain);
    List<CompletionStage<Void>> told =
        sockets.all().stream().map(ListenerSocket::closeNow).toList();
    Loaded last = current;
    try {
      for (CompletionStage<Void> one : told) {
        Waiting.await(one);
      }
      AdminServer server = admin;
      if (server != null) {
        Waiting.await(server.stop());
      }
      List.copyOf(retiring).forEach(this::closeRetired);
      if (last != null) {
        last.close();
      }
      process.control().shutdown();
      Waiting.finish(process.blocking()); // plugins close while the event loops still run
      process.resolvers().close();
      Waiting.await(process.loops().close(Duration.ofSeconds(2)));
    } catch (ExecutionException | StartFailed e) {
      log.warn("while stopping: {}", StartFailed.reason(e));
    } finally {
      configuring.shutdown();
      process.control().shutdown();
      process.blocking().shutdown();
    }
  }
}
