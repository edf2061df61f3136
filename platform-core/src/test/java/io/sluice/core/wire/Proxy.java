package io.sluice.core.wire;

import io.sluice.core.boot.Platform;
import io.sluice.core.boot.PlatformOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** The whole platform, in this process, with {@link TestPlugins}. */
final class Proxy implements AutoCloseable {

  private final Platform platform;
  private final Path home;

  private Proxy(Platform platform, Path home) {
    this.platform = platform;
    this.home = home;
  }

  /** Starts it; no access log, the admin API on a port of its own. */
  static Proxy start(String config) {
    try {
      Path home = Files.createTempDirectory("wire");
      Path file = home.resolve("sluice.conf");
      Files.writeString(
          file,
          "access-log = off\nadmin.bind = \"127.0.0.1:0\"\nruntime.event-loops = 1\n" + config);
      Platform platform =
          Platform.start(
              file,
              new PlatformOptions(Map.of(), home, "test", "test", level -> {}, TestPlugins.all()));
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
