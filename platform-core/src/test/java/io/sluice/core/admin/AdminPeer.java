package io.sluice.core.admin;

import io.sluice.core.observe.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A running server with a fake model, and ways to call it. */
final class AdminPeer {

  static final BindAddress ANY_PORT = new BindAddress("127.0.0.1", 0);

  final FakeModel model = new FakeModel();
  final MeterRegistry meters = new MeterRegistry();
  final AdminServer server;
  private final ExecutorService blocking = Executors.newFixedThreadPool(2);
  private final HttpClient client = HttpClient.newHttpClient();

  AdminPeer(@Nullable String token, @Nullable BindAddress metricsBind) throws Exception {
    AdminConfig config =
        new AdminConfig(
            ANY_PORT, token, metricsBind, List.of("admin.example.com", "*.wild.example"));
    server =
        AdminServer.start(config, model, meters, blocking)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return call("GET", path, "", headers);
  }

  HttpResponse<String> call(String method, String path, String body, String... headers)
      throws Exception {
    return call(server.address(), method, path, body, headers);
  }

  HttpResponse<String> callMetrics(String method, String path) throws Exception {
    return call(server.metricsAddress(), method, path, "");
  }

  private HttpResponse<String> call(
      @Nullable InetSocketAddress address,
      String method,
      String path,
      String body,
      String... headers)
      throws Exception {
    if (address == null) {
      throw new IllegalStateException("not bound");
    }
    URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .version(HttpClient.Version.HTTP_1_1)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** A connection that gives up after ten seconds of silence. */
  Socket socket() throws IOException {
    InetSocketAddress address = server.address();
    if (address == null) {
      throw new IllegalStateException("not bound");
    }
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Sends octets as they are; answers everything until the server closes. */
  String raw(String request) throws IOException {
    try (Socket socket = socket()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  void close() throws Exception {
    server.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    blocking.shutdownNow();
  }
}
