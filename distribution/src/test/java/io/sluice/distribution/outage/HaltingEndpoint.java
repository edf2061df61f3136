package io.sluice.distribution.outage;

import io.sluice.distribution.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An endpoint for what nginx cannot be made to do: stop in the middle of a response head until the
 * test says go on, and close what is idle when the test says so.
 */
final class HaltingEndpoint implements AutoCloseable {

  private static final String FIRST = "HTTP/1.1 200 OK\r\nX-Endpo";
  private static final String REST = "int: sick\r\nContent-Length: 2\r\n\r\nok";

  private final ServerSocket listening;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final CountDownLatch halted = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  HaltingEndpoint() {
    try {
      listening = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Waits until half a head is out. */
  void awaitHalf() {
    try {
      if (!halted.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("no request came");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Sends the rest, and whole heads from now on. */
  void goOn() {
    goOn.countDown();
  }

  /** Closes every connection, as an endpoint does with those that were idle for too long. */
  void closeConnections() {
    for (Socket connection : connections) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listening.accept();
        connection.setTcpNoDelay(true);
        connections.add(connection);
        thread(() -> serve(connection));
      }
    } catch (IOException e) {
      if (!listening.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      BufferedInputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      while (Wire.request(in) != null) {
        out.write(FIRST.getBytes(StandardCharsets.US_ASCII));
        halted.countDown();
        if (!goOn.await(60, TimeUnit.SECONDS)) {
          return;
        }
        out.write(REST.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException broken) {
      connections.remove(connection); // by the toxic or by the test: either is the point
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
    }
  }

  private static void thread(Runnable body) {
    Thread thread = new Thread(body, "halting-endpoint");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    goOn();
    closeConnections();
  }
}
