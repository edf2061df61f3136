package io.sluice.core.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A port at which nobody ever answers: its queue of connections is full, so the kernel drops
 * whatever else knocks.
 */
final class Blackhole implements AutoCloseable {

  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nback";
  private static final int SYN_SENT = 2;

  private final ServerSocket server;
  private final List<Socket> fill = new CopyOnWriteArrayList<>();

  Blackhole() {
    try {
      server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
      for (int i = 0; i < 3 && fillOne(); i++) {
        // until one is not let in any more
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean fillOne() throws IOException {
    Socket socket = new Socket();
    fill.add(socket);
    try {
      socket.connect(new InetSocketAddress("127.0.0.1", port()), 300);
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    }
  }

  int port() {
    return server.getLocalPort();
  }

  /** Sockets of this machine that knock at the port and wait. */
  long knocking() throws IOException {
    String to = String.format(Locale.ROOT, ":%04X", port());
    List<String> sockets = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
    sockets.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
    return sockets.stream()
        .map(line -> line.trim().split("\\s+"))
        .filter(field -> field.length > 3 && field[2].endsWith(to))
        .filter(field -> field[3].length() == 2 && Integer.parseInt(field[3], 16) == SYN_SENT)
        .count();
  }

  /** Comes to life: everyone who knocks from now on is answered. */
  void wake() throws IOException {
    for (Socket socket : fill) {
      socket.close();
    }
    Thread thread = new Thread(this::serve, "awake");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket accepted = server.accept();
        fill.add(accepted);
        accepted.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // the test is over, or it was one of those that filled the queue
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : List.copyOf(fill)) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
