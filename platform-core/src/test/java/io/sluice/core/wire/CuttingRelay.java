package io.sluice.core.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes one connection on until it is told to end it, which neither side meant. */
final class CuttingRelay implements AutoCloseable {

  private final ServerSocket server;
  private final InetSocketAddress to;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  CuttingRelay(InetSocketAddress to) throws IOException {
    this.to = to;
    this.server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    start(this::relay);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Ends both connections with a FIN, as an attacker on the way could. */
  void cut() {
    try {
      for (Socket socket : sockets) {
        socket.shutdownOutput();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void relay() {
    try {
      Socket client = server.accept();
      Socket peer = new Socket(to.getAddress(), to.getPort());
      sockets.add(client);
      sockets.add(peer);
      start(() -> copy(client, peer));
      copy(peer, client);
    } catch (IOException e) {
      return; // closed
    }
  }

  private static void copy(Socket from, Socket into) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = into.getOutputStream();
      byte[] octets = new byte[16 * 1024];
      for (int count = in.read(octets); count >= 0; count = in.read(octets)) {
        out.write(octets, 0, count);
      }
    } catch (IOException e) {
      return; // cut
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "cutting-relay");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
