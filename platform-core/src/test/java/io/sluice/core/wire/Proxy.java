package io.sluice.core.wire;

import io.sluice.api.PluginFactory;
import io.sluice.core.boot.Platform;
import io.sluice.core.boot.PlatformOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The whole platform, in this process, with {@link TestPlugins}. */
final class Proxy implements AutoCloseable {

  private static final String HEAD =
      "access-log = off\nadmin.bind = \"127.0.0.1:0\"\nruntime.event-loops = 1\n";

  private final Platform platform;
  private final Path home;

  private Proxy(Platform platform, Path home) {
    this.platform = platform;
    this.home = home;
  }

  /** Starts it; no access log, the admin API on a port of its own. */
  static Proxy start(String config) {
    return start(config, List.of());
  }

  /** Starts it with more plugins. */
  static Proxy start(String config, List<? extends PluginFactory<?>> more) {
    List<PluginFactory<?>> factories = new ArrayList<>(TestPlugins.all());
    factories.addAll(more);
    try {
      Path home = Files.createTempDirectory("wire");
      Path file = home.resolve("sluice.conf");
      Files.writeString(file, HEAD + config);
      Platform platform =
          Platform.start(
              file, new PlatformOptions(Map.of(), home, "test", "test", level -> {}, factories));
      return new Proxy(platform, home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (io.sluice.core.boot.ConfigInvalid e) {
      throw new IllegalArgumentException(String.join("\n", e.problems()), e);
    } catch (io.sluice.core.boot.StartFailed e) {
      throw new IllegalStateException(e);
    }
  }

  /** One listener, {@code web}, and one upstream with one endpoint, that every request goes to. */
  static Proxy before(RawEndpoint endpoint) {
    return start(
        """
        listeners.web.bind = "127.0.0.1:0"
        upstreams.app.endpoints = ["%s"]
        routes = [ { upstream = app } ]
        """
            .formatted(endpoint.address()));
  }

  RawClient connect() {
    return connect("web");
  }

  RawClient connect(String listener) {
    SocketAddress address =
        Objects.requireNonNull(platform.listeners().get(listener), listener).get(0);
    return new RawClient(address);
  }

  int port(String listener) {
    SocketAddress address =
        Objects.requireNonNull(platform.listeners().get(listener), listener).get(0);
    return ((InetSocketAddress) address).getPort();
  }

  /** Reads the configuration again, as it is or as {@code config}. */
  List<String> reload(String config) {
    try {
      Files.writeString(home.resolve("sluice.conf"), HEAD + config);
      return platform.reload().toCompletableFuture().get(20, TimeUnit.SECONDS).problems();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What Prometheus would be told of one meter: its lines. */
  List<String> metrics(String name) {
    return admin("/metrics").lines().filter(line -> line.startsWith(name)).toList();
  }

  /** What the admin API answers to a GET, head and all. */
  String admin(String target) {
    int port = ((InetSocketAddress) Objects.requireNonNull(platform.adminAddress())).getPort();
    try (RawClient client = new RawClient(new InetSocketAddress("127.0.0.1", port))) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      return client.rest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    platform.close();
    try {
      Files.deleteIfExists(home.resolve("sluice.conf"));
      Files.deleteIfExists(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
