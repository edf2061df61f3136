package io.sluice.distribution.outage;

import static org.awaitility.Awaitility.await;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.sluice.distribution.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Toxiproxy server (Shopify) and the proxies that a test makes in it. Which one: a running one
 * that {@code TOXIPROXY_URL} names; else a program on PATH or among Go's; else one that was built
 * before into the user's cache folder, or is now, by {@code go install}. Closing it takes its
 * proxies away and ends what it started.
 */
final class ToxiproxyServer implements AutoCloseable {

  static final String VERSION = "2.12.0";

  private static final String MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server@v" + VERSION;
  private static final String CALLS_ITSELF = "toxiproxy-server version";

  private final ToxiproxyClient client;
  private final @Nullable Process process;
  private final Map<String, Proxy> proxies = new ConcurrentHashMap<>();
  private final String prefix = "sluice-" + ProcessHandle.current().pid() + "-";

  private ToxiproxyServer(ToxiproxyClient client, @Nullable Process process) {
    this.client = client;
    this.process = process;
  }

  /** Starts one, or joins the one that is named. */
  static ToxiproxyServer start(Path folder) {
    String url = System.getenv("TOXIPROXY_URL");
    ToxiproxyServer server =
        url == null || url.isBlank() ? launch(program(), folder) : at(URI.create(url), null);
    try {
      await("the Toxiproxy server")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(20))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> !server.client.version().isEmpty());
      return server;
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private static ToxiproxyServer at(URI uri, @Nullable Process process) {
    int port = uri.getPort() < 0 ? 8474 : uri.getPort();
    return new ToxiproxyServer(new ToxiproxyClient(uri.getHost(), port), process);
  }

  private static ToxiproxyServer launch(Path program, Path folder) {
    int port = Ports.free();
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), "-host", "127.0.0.1", "-port", "" + port);
    builder.environment().put("LOG_LEVEL", "error");
    File log = folder.resolve("toxiproxy.log").toFile();
    try {
      Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
      return at(URI.create("http://127.0.0.1:" + port), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a proxy before {@code 127.0.0.1:to}. */
  Proxy proxy(String name, int to) {
    return create(prefix + name, "127.0.0.1:" + Ports.free(), "127.0.0.1:" + to);
  }

  /**
   * Puts a sound proxy in the place of one, which breaks its connections. Toxiproxy can also take
   * single toxics away, but waits for ever where one of them holds octets for a connection that is
   * gone.
   */
  Proxy renew(Proxy proxy) throws IOException {
    proxy.delete();
    return create(proxy.getName(), proxy.getListen(), proxy.getUpstream());
  }

  private Proxy create(String name, String listen, String to) {
    try {
      Proxy made = client.createProxy(name, listen, to);
      proxies.put(name, made);
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      return;
    }
    for (Proxy proxy : proxies.values()) {
      try {
        proxy.delete();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  // ---- finding the program ----

  private static Path program() {
    List<Path> places = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        places.add(Path.of(folder));
      }
    }
    output(List.of("go", "env", "GOPATH"), 30)
        .filter(folder -> !folder.isBlank())
        .ifPresent(folder -> places.add(Path.of(folder.strip(), "bin")));
    places.add(cache());
    return find(places).orElseGet(ToxiproxyServer::install);
  }

  private static Optional<Path> find(List<Path> places) {
    return places.stream()
        .flatMap(place -> List.of("toxiproxy-server", "server").stream().map(place::resolve))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .filter(ToxiproxyServer::isToxiproxy)
        .findFirst();
  }

  /** Many a program is called {@code server}. */
  private static boolean isToxiproxy(Path file) {
    return output(List.of(file.toString(), "--version"), 10)
        .filter(text -> text.startsWith(CALLS_ITSELF))
        .isPresent();
  }

  private static Path cache() {
    String set = System.getenv("XDG_CACHE_HOME");
    Path caches =
        set == null || set.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(set);
    return caches.resolve("sluice").resolve("toxiproxy-" + VERSION);
  }

  private static Path install() {
    Path cache = cache();
    String problem = "Go is not installed";
    try {
      Files.createDirectories(cache);
      ProcessBuilder builder =
          new ProcessBuilder("go", "install", MODULE).redirectErrorStream(true);
      builder.environment().putAll(Map.of("GOBIN", cache.toString(), "GOFLAGS", ""));
      problem = run(builder, 300).filter(text -> !text.isBlank()).orElse("it did not end in time");
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    String[] said = problem.strip().split("\n");
    String reason = said[said.length - 1];
    return find(List.of(cache))
        .orElseThrow(
            () ->
                new AssertionError(
                    "no Toxiproxy server on PATH, among Go's programs or in "
                        + cache
                        + ", and `go install "
                        + MODULE
                        + "` made none ("
                        + reason
                        + "): install Go 1.23 or later, or toxiproxy-server, or set"
                        + " TOXIPROXY_URL"));
  }

  private static Optional<String> output(List<String> command, int seconds) {
    try {
      return run(new ProcessBuilder(command), seconds);
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** What a program printed; nothing when it did not end in time. */
  private static Optional<String> run(ProcessBuilder builder, int seconds) throws IOException {
    Path printed = Files.createTempFile("printed", ".txt");
    try {
      Process process = builder.redirectOutput(printed.toFile()).start();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return Optional.of(Files.readString(printed, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      Files.deleteIfExists(printed);
    }
  }
}
