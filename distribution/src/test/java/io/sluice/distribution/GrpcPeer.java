package io.sluice.distribution;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The interop server of gRPC as a process, and runs of its client. Both come from the module {@code
 * grpc-interop}, with a class path of their own.
 */
final class GrpcPeer implements AutoCloseable {

  /** Those that need neither accounts of a cloud nor load reports for a balancer of the client. */
  private static final List<String> CASES =
      List.of(
          "empty_unary",
          "large_unary",
          "very_large_request",
          "client_compressed_unary",
          "client_compressed_unary_noprobe",
          "server_compressed_unary",
          "client_streaming",
          "client_compressed_streaming",
          "client_compressed_streaming_noprobe",
          "server_streaming",
          "server_compressed_streaming",
          "ping_pong",
          "empty_stream",
          "custom_metadata",
          "status_code_and_message",
          "special_status_message",
          "unimplemented_method",
          "unimplemented_service",
          "cancel_after_begin",
          "cancel_after_first_response",
          "timeout_on_sleeping_server",
          "pick_first_unary",
          "rpc_soak",
          "channel_soak");

  private static final Path MODULE = Path.of("grpc-interop", "target").toAbsolutePath();
  private static final Duration START = Duration.ofSeconds(60);

  private final Process server;
  private final int port;
  private final boolean tls;

  private GrpcPeer(Process server, int port, boolean tls) {
    this.server = server;
    this.port = port;
    this.tls = tls;
  }

  /** Starts a server; its output goes to a file in {@code folder}. */
  static GrpcPeer start(Path folder, boolean tls) throws IOException {
    Path log = folder.resolve("grpc-server.log");
    int port = Example.freePort();
    Process server =
        java("io.grpc.testing.integration.TestServiceServer", "--port=" + port, "--use_tls=" + tls)
            .redirectOutput(log.toFile())
            .start();
    GrpcPeer peer = new GrpcPeer(server, port, tls);
    try {
      await("the interop server")
          .atMost(START)
          .failFast("it ended: see " + log, () -> !server.isAlive())
          .until(() -> Files.readString(log).contains("Server started"));
      return peer;
    } catch (RuntimeException | Error e) {
      peer.close();
      throw e;
    }
  }

  int port() {
    return port;
  }

  /** What became of each case when run against {@code port}: {@code passed}, or the failure. */
  Map<String, String> cases(int port) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.add(String.join(",", CASES));
    arguments.add("--server_host=127.0.0.1");
    arguments.add("--server_port=" + port);
    arguments.add("--use_tls=" + tls);
    if (tls) {
      arguments.add("--use_test_ca=true");
      arguments.add("--server_host_override=foo.test.google.fr");
    }
    Process client = java("io.sluice.interop.Cases", arguments.toArray(new String[0])).start();
    Map<String, String> results = new LinkedHashMap<>();
    try (BufferedReader lines = client.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 2);
        switch (words[0]) {
          case "passed" -> results.put(words[1], "passed");
          case "failed" -> results.put(words[1].replaceFirst(":.*", ""), line);
          default -> {
            // the rest of a failure's message
          }
        }
      }
    }
    if (!client.waitFor(20, TimeUnit.SECONDS) || results.size() != CASES.size()) {
      client.destroyForcibly();
      throw new AssertionError("the client ended after " + results);
    }
    return results;
  }

  /** Copies a file out of the tests' own certificates, such as {@code ca.pem}. */
  static void certificate(String name, Path folder) throws IOException {
    List<URL> jars = new ArrayList<>();
    for (String jar : classPath().split(File.pathSeparator)) {
      jars.add(Path.of(jar).toUri().toURL());
    }
    try (URLClassLoader loader = new URLClassLoader(jars.toArray(new URL[0]), null);
        InputStream file = loader.getResourceAsStream("certs/" + name)) {
      if (file == null) {
        throw new AssertionError("no certificate " + name);
      }
      Files.copy(file, folder.resolve(name));
    }
  }

  private static ProcessBuilder java(String main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(MODULE.resolve("classes") + File.pathSeparator + classPath());
    command.add(main);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
  }

  private static String classPath() throws IOException {
    Path file = MODULE.resolve("class-path");
    if (!Files.exists(file)) {
      throw new AssertionError(file + " is missing: build the module distribution/grpc-interop");
    }
    return Files.readString(file).strip();
  }

  @Override
  public void close() {
    server.destroyForcibly();
  }
}
