package io.sluice.distribution;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One nginx in the foreground that serves as one endpoint or several, each on a port of its own.
 *
 * <p>Every endpoint answers with its name in {@code X-Endpoint} and has {@code /who} (its name and
 * a line feed), {@code /small} and {@code /halted} (2 octets), {@code /large} and {@code /slow}
 * ({@value #LARGE} octets, the latter at {@value #SLOW_RATE} a second), {@code /chunked} (the same,
 * slow and without a length), {@code /post}, {@code /ping}, {@code /health}, {@code /error} (500)
 * and, for PUT, {@code /upload/}.
 */
public final class Nginx implements AutoCloseable {

  public static final int LARGE = 400_000;
  static final int SLOW_RATE = 200_000;

  private static final String SERVER =
      """
      server {
        listen %2$s backlog=4096;
        root %3$s;
        add_header X-Endpoint %1$s always;
        location = /post { return 200 "ok"; }
        location = /ping {
          if (-f %3$s/fails) { return 500 "sick"; }
          return 200 "ok";
        }
        location = /health {
          if (-f %3$s/unwell) { return 503 "unwell"; }
          return 200 "well";
        }
        location = /error { return 500 "sick"; }
        location = /slow { limit_rate %4$d; }
        location = /chunked { limit_rate %4$d; ssi on; ssi_types *; }
        location /upload/ { dav_methods PUT; create_full_put_path on; client_max_body_size 0; }
      }
      """;

  private static final String CONFIG =
      """
      daemon off;
      pid %1$s/nginx.pid;
      error_log %1$s/error.log;
      worker_processes 1;
      %3$s
      events { worker_connections 4096; }
      http {
        log_format seen '$http_x_case $request_method $uri';
        access_log %1$s/seen.log seen;
        default_type text/plain;
        keepalive_requests 1000000;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        %2$s
      }
      """;

  private final Path home;
  private final Path config;
  private final List<Endpoint> endpoints;
  private @Nullable Process process;

  private Nginx(Path home, Path config, List<Endpoint> endpoints) {
    this.home = home;
    this.config = config;
    this.endpoints = endpoints;
  }

  /** An endpoint of an nginx. */
  public record Endpoint(String name, String host, int port) {

    /** On a port of 127.0.0.1. */
    public Endpoint(String name) {
      this(name, "127.0.0.1", Ports.free());
    }

    public String address() {
      return host + ":" + port;
    }
  }

  /** Starts one with a folder of its own under {@code parent}. */
  public static Nginx start(Path parent, String name, Endpoint... endpoints) {
    try {
      Path home = Files.createDirectories(parent.resolve("nginx-" + name));
      StringBuilder servers = new StringBuilder();
      for (Endpoint endpoint : endpoints) {
        Path root = Files.createDirectories(home.resolve(endpoint.name()));
        Files.writeString(root.resolve("small"), "ok");
        Files.writeString(root.resolve("halted"), "ok");
        Files.writeString(root.resolve("who"), endpoint.name() + "\n");
        for (String large : List.of("large", "slow", "chunked")) {
          Files.write(root.resolve(large), pattern(LARGE));
        }
        servers.append(SERVER.formatted(endpoint.name(), endpoint.address(), root, SLOW_RATE));
      }
      String user = "root".equals(System.getProperty("user.name")) ? "user root;" : "";
      Path config =
          Files.writeString(home.resolve("nginx.conf"), CONFIG.formatted(home, servers, user));
      Nginx nginx = new Nginx(home, config, List.of(endpoints));
      nginx.start();
      return nginx;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Octets in which a piece that is missing or moved shows. No server-side include among them. */
  public static byte[] pattern(int length) {
    byte[] octets = new byte[length];
    for (int i = 0; i < length; i++) {
      octets[i] = (byte) ('a' + Math.floorMod(i * 31 + (i >> 11), 26));
    }
    return octets;
  }

  /** Starts it, again after {@link #stop}. */
  public void start() {
    try {
      process =
          new ProcessBuilder("nginx", "-p", home.toString(), "-c", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("out.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("nginx in " + home)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(this::listens);
  }

  private boolean listens() {
    Endpoint first = endpoints.get(0);
    try (Socket probe = new Socket(InetAddress.getByName(first.host()), first.port())) {
      return probe.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** SIGTERM: a fast shutdown that breaks every connection. */
  public void stop() {
    end(process);
    process = null;
  }

  private static void end(@Nullable Process process) {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nginx still runs");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Answers 500 to {@code /ping} from now on, at once. */
  public void fail() throws IOException {
    for (Endpoint endpoint : endpoints) {
      Files.createFile(root(endpoint.name()).resolve("fails"));
    }
  }

  /** Answers 503 to {@code /health} from now on, and everything else as before. */
  public void feelUnwell() throws IOException {
    for (Endpoint endpoint : endpoints) {
      Files.createFile(root(endpoint.name()).resolve("unwell"));
    }
  }

  /** Takes {@link #fail} and {@link #feelUnwell} back. */
  public void recover() throws IOException {
    for (Endpoint endpoint : endpoints) {
      Files.deleteIfExists(root(endpoint.name()).resolve("fails"));
      Files.deleteIfExists(root(endpoint.name()).resolve("unwell"));
    }
  }

  /** The folder whose files an endpoint serves. */
  public Path root(String endpoint) {
    return home.resolve(endpoint);
  }

  /** How many requests with that X-Case it ended, of whatever endpoint. */
  public long seen(String xCase) {
    try {
      return Files.readAllLines(home.resolve("seen.log")).stream()
          .filter(line -> line.startsWith(xCase + " "))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that was PUT to an endpoint. */
  public Path uploaded(String endpoint, String name) {
    return root(endpoint).resolve("upload").resolve(name);
  }

  @Override
  public void close() {
    stop();
  }
}
