package io.sluice.distribution;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** An endpoint on a port of 127.0.0.1 that answers what a test says; can be killed and revived. */
final class ScriptedEndpoint implements AutoCloseable {

  /** What it answers. */
  record Answer(int status, List<String> headers, String body) {
    static Answer ok(String body) {
      return new Answer(200, List.of("Content-Type: text/plain"), body);
    }

    static Answer status(int status) {
      return new Answer(status, List.of(), "");
    }
  }

  private final Function<Wire.Message, Answer> script;
  private final boolean remember;
  private final List<Wire.Message> received = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final int port;
  private volatile ServerSocket listening;

  private ScriptedEndpoint(Function<Wire.Message, Answer> script, boolean remember)
      throws IOException {
    this.script = script;
    this.remember = remember;
    this.listening = listen(0);
    this.port = listening.getLocalPort();
  }

  /** Remembers every request. */
  static ScriptedEndpoint start(Function<Wire.Message, Answer> script) {
    try {
      return new ScriptedEndpoint(script, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers 200 with its name, and 200 at /health. */
  static ScriptedEndpoint named(String name) {
    return start(request -> Answer.ok(name));
  }

  /** As {@link #named}, for many requests: remembers none. */
  static ScriptedEndpoint underLoad(String name) {
    try {
      return new ScriptedEndpoint(request -> Answer.ok(name), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  List<Wire.Message> received() {
    return received;
  }

  /** Stops listening and breaks every connection, as a killed process does. */
  void kill() {
    try {
      listening.close();
      for (Socket connection : connections) {
        reset(connection);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void reset(Socket connection) throws IOException {
    try {
      connection.setSoLinger(true, 0);
    } catch (SocketException e) {
      if (!connection.isClosed()) {
        throw e;
      } // the proxy closed it at this very moment, so there is nothing to reset
    }
    connection.close();
  }

  /** Listens again, on the same port. */
  void revive() {
    try {
      listening = listen(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }

  private ServerSocket listen(int onPort) throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), onPort), 512);
    thread("endpoint-accept", () -> accept(server));
    return server;
  }

  private void accept(ServerSocket server) {
    try {
      while (true) {
        Socket connection = server.accept();
        connection.setTcpNoDelay(true);
        connections.add(connection);
        thread("endpoint-connection", () -> serve(connection));
      }
    } catch (IOException e) {
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      BufferedInputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      for (Wire.Message request = Wire.request(in); request != null; request = Wire.request(in)) {
        if (remember) {
          received.add(request);
        }
        out.write(bytes(script.apply(request), request.method().equals("HEAD")));
      }
    } catch (IOException broken) {
      connections.remove(connection); // by kill() or by the proxy: either is part of a test
    } finally {
      connections.remove(connection);
    }
  }

  private static byte[] bytes(Answer answer, boolean headOnly) {
    StringBuilder text = new StringBuilder();
    text.append("HTTP/1.1 ").append(answer.status()).append(" Scripted\r\n");
    answer.headers().forEach(line -> text.append(line).append("\r\n"));
    int length = answer.body().getBytes(StandardCharsets.UTF_8).length;
    text.append("Content-Length: ").append(length).append("\r\n\r\n");
    if (!headOnly) {
      text.append(answer.body());
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void thread(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }
}
