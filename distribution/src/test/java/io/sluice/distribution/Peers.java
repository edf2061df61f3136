package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Real programs as the proxy's endpoints and clients. */
final class Peers {

  private static final Duration START = Duration.ofSeconds(30);

  private Peers() {}

  /** A program that serves until it is closed. */
  record Server(int port, Process process) implements AutoCloseable {
    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A redis-server without persistence. */
  static Server redis(Path folder) throws IOException {
    int port = Example.freePort();
    return serving(
        port,
        folder,
        "redis-server",
        "--port",
        Integer.toString(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        folder.toString());
  }

  /** An openssl s_server with a certificate of its own for {@code name}; answers HTTP. */
  static Server tls(Path folder, String name) throws IOException, InterruptedException {
    Path key = folder.resolve(name + ".key");
    Path certificate = folder.resolve(name + ".pem");
    run(
        folder,
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        key.toString(),
        "-out",
        certificate.toString(),
        "-subj",
        "/CN=" + name,
        "-days",
        "2");
    int port = Example.freePort();
    return serving(
        port,
        folder,
        "openssl",
        "s_server",
        "-accept",
        "127.0.0.1:" + port,
        "-cert",
        certificate.toString(),
        "-key",
        key.toString(),
        "-www",
        "-quiet");
  }

  private static Server serving(int port, Path folder, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(command[0] + "-" + port + ".log").toFile())
            .start();
    Server server = new Server(port, process);
    await().atMost(START).until(() -> accepts(port));
    return server;
  }

  private static boolean accepts(int port) {
    try (Socket probe = new Socket("127.0.0.1", port)) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs a program to its end and answers what it printed; it must succeed. */
  static String run(Path folder, String... command) throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(List.of("timeout", "60"));
    whole.addAll(List.of(command));
    Process process =
        new ProcessBuilder(whole)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + text).isZero();
    return text;
  }

  /** As {@link #run}, whatever the exit status. */
  static String tryRun(Path folder, String... command) throws IOException, InterruptedException {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", "\"$@\" || true", "sh"));
    shell.addAll(List.of(command));
    return run(folder, shell.toArray(String[]::new));
  }
}
