package io.sluice.plugin.testkit;

import io.sluice.api.PluginFactory;
import io.sluice.core.boot.ConfigInvalid;
import io.sluice.core.boot.Platform;
import io.sluice.core.boot.PlatformOptions;
import io.sluice.core.boot.ReloadResult;
import io.sluice.core.boot.StartFailed;
import io.sluice.core.plugin.PluginKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Boots the real platform, with every plugin of the class path, for the length of a test, or of a
 * test class where the field is static. Listeners should bind port 0.
 *
 * <pre>{@code
 * private final ScriptedEndpoint app = ScriptedEndpoint.start("app");
 *
 * @RegisterExtension
 * private final SluiceExtension sluice =
 *     SluiceExtension.config(
 *         () ->
 *             """
 *             listeners.web.bind = "127.0.0.1:0"
 *             admin.bind = "127.0.0.1:0"
 *             upstreams.app.endpoints = ["%s"]
 *             routes = [ { middleware = [ { type = mine } ], upstream = app } ]
 *             """.formatted(app.address()));
 * }</pre>
 *
 * <p>Used on the test's thread; its calls block.
 */
public final class SluiceExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

  private final Supplier<String> config;
  private final List<PluginFactory<?>> factories = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private @Nullable Path home;
  private @Nullable Platform platform;
  private boolean perClass;

  private SluiceExtension(Supplier<String> config) {
    this.config = config;
  }

  /** Boots with a configuration, asked for at the last moment, when ports are known. */
  public static SluiceExtension config(Supplier<String> config) {
    return new SluiceExtension(config);
  }

  /** Adds a plugin that no service file names. Call before the test begins. */
  public SluiceExtension plugin(PluginFactory<?> factory) {
    factories.add(factory);
    return this;
  }

  /**
   * The platform.
   *
   * @throws IllegalStateException when it does not run
   */
  public Platform platform() {
    Platform running = platform;
    if (running == null) {
      throw new IllegalStateException("the platform runs only while a test does");
    }
    return running;
  }

  /** The port of a listener. */
  public int port(String listener) {
    return port(platform().listeners().getOrDefault(listener, List.of()), listener);
  }

  private static int port(List<SocketAddress> addresses, String listener) {
    return addresses.stream()
        .filter(InetSocketAddress.class::isInstance)
        .map(address -> ((InetSocketAddress) address).getPort())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no listener " + listener + " has a port"));
  }

  /**
   * Sends a GET through the listener {@code web}.
   *
   * @param headers names and values in turn
   */
  public HttpResponse<String> get(String target, String... headers) {
    return send(request(target, headers).build());
  }

  /** Starts a request to the listener {@code web}, for {@link #send}. */
  public HttpRequest.Builder request(String target, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("web") + target));
    return headers.length == 0 ? request : request.headers(headers);
  }

  /** Sends a request and reads the response as text. */
  public HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Puts another configuration in place and reloads; answers what became of it. */
  @MayBlock
  public ReloadResult reload(String newConfig) {
    write(newConfig);
    try {
      return platform().reload().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    perClass = true;
    start();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!perClass) {
      start();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (!perClass) {
      stop();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    stop();
  }

  private void start() {
    try {
      home = Files.createTempDirectory("sluice-test-");
      Files.createDirectory(home.resolve("plugins"));
      Path file = write(config.get());
      platform =
          Platform.start(
              file, new PlatformOptions(Map.of(), home, "test", "unknown", level -> {}, all()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ConfigInvalid e) {
      throw new AssertionError("refused:\n" + String.join("\n", e.problems()), e);
    } catch (StartFailed e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  private Path write(String text) {
    Path folder = home;
    if (folder == null) {
      throw new IllegalStateException("the platform runs only while a test does");
    }
    try {
      return Files.writeString(folder.resolve("sluice.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<PluginFactory<?>> all() {
    List<PluginFactory<?>> all = new ArrayList<>(factories);
    for (PluginKind kind : PluginKind.values()) {
      ServiceLoader.load(kind.factory()).forEach(all::add);
    }
    return all;
  }

  private void stop() {
    Platform running = platform;
    platform = null;
    if (running != null) {
      running.close();
    }
    Path folder = home;
    home = null;
    if (folder == null) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
