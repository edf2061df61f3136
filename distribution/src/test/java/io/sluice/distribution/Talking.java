package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Takes upgrades; says its name, and then every line that it hears. */
final class Talking implements AutoCloseable {

  private final ServerSocket server = bound();
  private final String name;

  Talking(String name) {
    this.name = name;
    Thread thread = new Thread(this::accept, "talking");
    thread.setDaemon(true);
    thread.start();
  }

  private static ServerSocket bound() {
    try {
      return new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread thread = new Thread(() -> talk(socket), "talking-to-one");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void talk(Socket socket) {
    try (socket) {
      head(socket);
      say(socket, SWITCH + name + "\n");
      while (true) {
        say(socket, line(socket) + "\n");
      }
    } catch (IOException e) {
      // the other side has left
    }
  }

  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Opens a tunnel. */
  static Socket open(int port, String target) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(20_000);
    say(
        socket,
        "GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            .formatted(target));
    assertThat(head(socket)).startsWith("HTTP/1.1 101 ");
    return socket;
  }

  /** What the endpoint of a new tunnel says first. */
  static String greeting(int port, String target) throws IOException {
    try (Socket socket = open(port, target)) {
      return line(socket);
    }
  }

  private static String head(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    for (String line = line(socket); !line.equals("\r"); line = line(socket)) {
      head.append(line).append('\n');
    }
    return head.toString();
  }

  /** The next line, without its line feed. */
  static String line(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int octet = socket.getInputStream().read();
        octet != '\n';
        octet = socket.getInputStream().read()) {
      if (octet < 0) {
        throw new EOFException("closed after: " + line);
      }
      line.append((char) octet);
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
