package io.sluice.distribution.outage;

import static org.awaitility.Awaitility.await;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.sluice.distribution.GoProgram;
import io.sluice.distribution.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A Toxiproxy server (Shopify) and the proxies that a test makes in it. Which one: a running one
 * that {@code TOXIPROXY_URL} names, else the {@link GoProgram}. Closing it takes its proxies away
 * and ends what it started.
 */
final class ToxiproxyServer implements AutoCloseable {

  static final String VERSION = "2.12.0";

  private static final GoProgram PROGRAM =
      new GoProgram(
          "toxiproxy",
          List.of("toxiproxy-server", "server"),
          "github.com/Shopify/toxiproxy/v2/cmd/server",
          VERSION,
          "toxiproxy-server version");

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
        url == null || url.isBlank() ? launch(PROGRAM.find(), folder) : at(URI.create(url), null);
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
}
