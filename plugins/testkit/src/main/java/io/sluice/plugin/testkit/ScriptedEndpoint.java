package io.sluice.plugin.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A real HTTP/1.1 server on a loopback port, which answers as told and remembers what it was asked.
 * Without instructions it answers 200 with its own name. Thread-safe; close it after the test.
 */
public final class ScriptedEndpoint implements AutoCloseable {

  /**
   * A request as it arrived.
   *
   * @param method the method
   * @param target path and query, undecoded
   * @param headers names in lower case to their values
   * @param body the content in ISO-8859-1, one char per octet
   */
  public record Received(
      String method, String target, Map<String, List<String>> headers, String body) {

    /** The first value of a header, or null. */
    public @Nullable String header(String name) {
      List<String> values = headers.get(name.toLowerCase(java.util.Locale.ROOT));
      return values == null || values.isEmpty() ? null : values.get(0);
    }
  }

  /**
   * What it answers.
   *
   * @param status 200 to 599
   * @param headers names to values
   * @param body the content, sent in UTF-8
   */
  public record Answer(int status, Map<String, String> headers, String body) {

    /** An answer without headers of its own. */
    public static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool(ScriptedEndpoint::thread);
  private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private volatile Function<Received, Answer> standing;

  private ScriptedEndpoint(String name, int port) throws IOException {
    standing = request -> Answer.of(200, name);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Starts a server on a free port. */
  public static ScriptedEndpoint start(String name) {
    return start(name, 0);
  }

  /** Starts a server on a port, as to bring back one that was closed; 0 picks a free one. */
  public static ScriptedEndpoint start(String name, int port) {
    try {
      return new ScriptedEndpoint(name, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "scripted-endpoint");
    thread.setDaemon(true);
    return thread;
  }

  /** Where it listens: {@code 127.0.0.1:PORT}. */
  public String address() {
    return "127.0.0.1:" + port();
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Answers the next request so; further calls speak of the requests after it. */
  public ScriptedEndpoint then(Answer answer) {
    next.add(answer);
    return this;
  }

  /** Answers so whenever {@link #then} has nothing to say. Runs on the server's threads. */
  public ScriptedEndpoint always(Function<Received, Answer> answer) {
    standing = answer;
    return this;
  }

  /** Every request so far, in the order of arrival. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, List<String>> headers = new LinkedHashMap<>();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) ->
                  headers.put(name.toLowerCase(java.util.Locale.ROOT), List.copyOf(values)));
      byte[] content = exchange.getRequestBody().readAllBytes();
      Received request =
          new Received(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              headers,
              new String(content, StandardCharsets.ISO_8859_1));
      received.add(request);
      Answer scripted = next.poll();
      Answer answer = scripted == null ? standing.apply(request) : scripted;
      answer.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      boolean empty = body.length == 0 || request.method().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), empty ? -1 : body.length);
      if (!empty) {
        OutputStream out = exchange.getResponseBody();
        out.write(body);
        out.flush();
      }
    }
  }

  /** Stops listening and breaks every connection. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
