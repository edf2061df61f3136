package io.sluice.core.boot;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.PickRequest;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** The platform in this process, with plugins at hand and a listener {@code web}. */
final class Running implements AutoCloseable {

  /** What is the same in every test; set event-loops before it. */
  static final String COMMON =
      """
      access-log = off
      admin.bind = "127.0.0.1:0"
      listeners.web.bind = "127.0.0.1:0"
      """;

  private final Path home;
  final Platform platform;

  private Running(Path home, Platform platform) {
    this.home = home;
    this.platform = platform;
  }

  static Running start(Path home, String config, PluginFactory<?>... plugins) {
    List<PluginFactory<?>> factories = new ArrayList<>(List.of(plugins));
    factories.add(new InTurn());
    factories.add(new Again());
    try {
      Files.writeString(home.resolve("sluice.conf"), config);
      return new Running(
          home,
          Platform.start(
              home.resolve("sluice.conf"),
              new PlatformOptions(Map.of(), home, "test", "test", level -> {}, factories)));
    } catch (ConfigInvalid e) {
      throw new AssertionError(String.join("\n", e.problems()), e);
    } catch (StartFailed e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The plugins that every configuration needs. */
  static List<PluginFactory<?>> basicPlugins() {
    return List.of(new InTurn(), new Again());
  }

  /** What is wrong with a configuration, from the name of its file on; nothing is started. */
  static List<String> problems(Path home, String config) throws Exception {
    Path file = Files.writeString(home.resolve("sluice.conf"), config);
    return Platform.check(
            file, new PlatformOptions(Map.of(), home, "test", "test", level -> {}, basicPlugins()))
        .stream()
        .map(problem -> problem.substring(problem.indexOf("sluice.conf")))
        .toList();
  }

  ReloadResult reload(String config) throws Exception {
    Files.writeString(home.resolve("sluice.conf"), config);
    return platform.reload().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  int port() {
    return port("web");
  }

  int port(String listener) {
    return ((InetSocketAddress) platform.listeners().get(listener).get(0)).getPort();
  }

  /**
   * What the series of a meter come to.
   *
   * @param name the meter's, or the beginning of a series with labels
   */
  double sum(String name) throws IOException {
    int port =
        ((InetSocketAddress) Objects.requireNonNull(platform.adminAddress(), "admin")).getPort();
    try (Caller caller = new Caller(port)) {
      caller.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      return caller
          .receive(false)
          .body()
          .lines()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }

  Caller caller() throws IOException {
    return new Caller(port());
  }

  @Override
  public void close() {
    platform.close();
  }

  /** A middleware plugin of that type. */
  static MiddlewareFactory middleware(
      String type, BiFunction<ConfigSection, PluginContext, Middleware> made) {
    return new MiddlewareFactory() {
      @Override
      public String type() {
        return type;
      }

      @Override
      public Middleware create(ConfigSection config, PluginContext context) {
        return made.apply(config, context);
      }

      @Override
      public boolean safeWithoutConfig() {
        return true;
      }

      @Override
      public String apiVersion() {
        return io.sluice.api.ApiVersion.CURRENT;
      }
    };
  }

  /** Round robin, as the default balancer. */
  private static final class InTurn implements LoadBalancerFactory {
    @Override
    public String type() {
      return "least-request";
    }

    @Override
    public String apiVersion() {
      return io.sluice.api.ApiVersion.CURRENT;
    }

    @Override
    public LoadBalancer create(ConfigSection config, PluginContext context) {
      AtomicInteger turn = new AtomicInteger();
      return candidates ->
          (PickRequest request) ->
              candidates.get(Math.floorMod(turn.getAndIncrement(), candidates.size()));
    }
  }

  /** Retries at once, up to {@code attempts}, on failures and 503. */
  private static final class Again implements RetryPolicyFactory {
    @Override
    public String type() {
      return "standard";
    }

    @Override
    public String apiVersion() {
      return io.sluice.api.ApiVersion.CURRENT;
    }

    @Override
    public RetryPolicy create(ConfigSection config, PluginContext context) {
      int attempts =
          config.integer("attempts", 1, 10).describe("the most attempts").orElse(3L).intValue();
      Duration wait = config.duration("wait").describe("between attempts").orElse(Duration.ZERO);
      Duration perTry =
          config.duration("per-try").describe("for each").orElse(Duration.ofDays(100_000));
      long budget = config.integer("budget", 0, 1000).describe("retries in all").orElse(1000L);
      AtomicInteger asked = new AtomicInteger();
      return new RetryPolicy() {
        @Override
        public int maxAttempts() {
          return attempts;
        }

        @Override
        public long perTryNanos() {
          return perTry.toDays() > 1000 ? Long.MAX_VALUE : perTry.toNanos();
        }

        @Override
        public long retryAfter(
            io.sluice.api.http.RequestHead request, AttemptOutcome outcome, int made) {
          return asked.incrementAndGet() > budget ? NO : wait.toNanos();
        }

        @Override
        public boolean retriesStatus(int status) {
          return status == 503;
        }
      };
    }
  }
}
