package io.sluice.distribution.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An endpoint for the demo: says its name, the request and the headers that the proxy added. */
final class DemoEndpoint implements AutoCloseable {

  private final String name;
  private final HttpServer server;
  private final ExecutorService workers;

  private DemoEndpoint(String name, HttpServer server, ExecutorService workers) {
    this.name = name;
    this.server = server;
    this.workers = workers;
  }

  /** Listens on a free port of the loopback interface. */
  static DemoEndpoint start(String name) throws Refusal {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      ExecutorService workers =
          Executors.newCachedThreadPool(
              task -> {
                Thread thread = new Thread(task, "demo-endpoint-" + name);
                thread.setDaemon(true);
                return thread;
              });
      DemoEndpoint endpoint = new DemoEndpoint(name, server, workers);
      server.setExecutor(workers);
      server.createContext("/", endpoint::answer);
      server.start();
      return endpoint;
    } catch (IOException e) {
      throw Refusal.couldNotStart("no port for the demo's endpoint: " + e.getMessage());
    }
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      StringBuilder text = new StringBuilder();
      text.append("endpoint ").append(name).append(" got ");
      text.append(exchange.getRequestMethod()).append(' ').append(exchange.getRequestURI());
      text.append('\n');
      for (String header : new String[] {"Host", "X-Forwarded-For", "X-Forwarded-Proto", "Via"}) {
        String value = exchange.getRequestHeaders().getFirst(header);
        if (value != null) {
          text.append("  ").append(header).append(": ").append(value).append('\n');
        }
      }
      byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
