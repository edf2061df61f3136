package io.sluice.core.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes one connection on, each octet of the client in a segment of its own. */
final class SplittingRelay implements AutoCloseable {

  private final ServerSocket server;
  private final InetSocketAddress to;

  SplittingRelay(InetSocketAddress to) throws IOException {
    this.to = to;
    this.server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    start(this::relay);
  }

  int port() {
    return server.getLocalPort();
  }

  private void relay() {
    try {
      Socket client = server.accept();
      Socket peer = new Socket(to.getAddress(), to.getPort());
      peer.setTcpNoDelay(true);
      start(() -> copy(client, peer, 1));
      copy(peer, client, 16 * 1024);
    } catch (IOException e) {
      return; // closed
    }
  }

  private static void copy(Socket from, Socket into, int portion) {
    try (Socket both = into) {
      InputStream in = from.getInputStream();
      OutputStream out = both.getOutputStream();
      byte[] octets = new byte[portion];
      for (int count = in.read(octets); count >= 0; count = in.read(octets)) {
        out.write(octets, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      return; // one of them closed
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "splitting-relay");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
