package io.sluice.distribution.outage;

import io.sluice.distribution.Nginx;
import io.sluice.distribution.Wire;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that can be stopped in the middle: sends half of its content, reads a piece of a
 * response, and tells a content that is whole from one that broke off.
 */
final class Caller implements AutoCloseable {

  /** How long it waits for octets; nothing that is right takes that long. */
  static final Duration PATIENCE = Duration.ofSeconds(45);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final CountDownLatch secondHalf = new CountDownLatch(1);
  private final CountDownLatch firstHalfSent = new CountDownLatch(1);

  private long startNanos;
  private Wire.@Nullable Message head;
  private long expected = -1;
  private long read;
  private boolean whole = true;

  Caller(int port) throws IOException {
    socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** Sends a head, and the first half of the content if there is any. After the last answer. */
  void send(String method, String target, String xCase, byte[] content) throws IOException {
    head = null;
    expected = -1;
    read = 0;
    whole = true;
    startNanos = System.nanoTime();
    StringBuilder text = new StringBuilder();
    text.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    text.append("Host: localhost\r\nX-Case: ").append(xCase).append("\r\n");
    if (content.length > 0) {
      text.append("Content-Length: ").append(content.length).append("\r\n");
    }
    out.write(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    if (content.length > 0) {
      Thread writer = new Thread(() -> write(content), "caller-content");
      writer.setDaemon(true);
      writer.start();
    }
  }

  private void write(byte[] content) {
    try {
      int half = content.length / 2;
      out.write(content, 0, half);
      firstHalfSent.countDown();
      if (secondHalf.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        out.write(content, half, content.length - half);
      }
    } catch (IOException answeredEarly) {
      firstHalfSent.countDown(); // what the answer is decides
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void awaitFirstHalf() throws InterruptedException {
    if (!firstHalfSent.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("half of the content is not sent");
    }
  }

  void sendSecondHalf() {
    secondHalf.countDown();
  }

  /** Reads the response's head. */
  Wire.Message head() throws IOException {
    Wire.Message came = Wire.head(in);
    while (came != null && came.status() < 200) {
      came = Wire.head(in);
    }
    if (came == null) {
      throw new EOFException("closed without a response");
    }
    head = came;
    String length = came.header("Content-Length");
    if (length != null) {
      expected = Long.parseLong(length);
    } else if (!"chunked".equalsIgnoreCase(came.header("Transfer-Encoding"))) {
      throw new IOException("neither a length nor chunks: " + came.headers());
    }
    return came;
  }

  /** Reads content until there are {@code octets} of it, or to the end. */
  void content(long octets) throws IOException {
    try {
      if (expected >= 0) {
        delimited(Math.min(octets, expected));
      } else {
        chunked(octets);
      }
    } catch (EOFException | SocketException brokenOff) {
      whole = false;
    }
  }

  private void delimited(long until) throws IOException {
    while (read < until) {
      check(in.read());
    }
  }

  private void chunked(long until) throws IOException {
    while (read < until) {
      String size = Wire.line(in);
      if (size == null) {
        throw new EOFException("closed between chunks");
      }
      int octets = Integer.parseInt(size.strip(), 16);
      for (int i = 0; i < octets; i++) {
        check(in.read());
      }
      if (Wire.line(in) == null) {
        throw new EOFException("closed behind a chunk");
      }
      if (octets == 0) {
        return;
      }
    }
  }

  private void check(int octet) throws IOException {
    if (octet < 0) {
      throw new EOFException("closed inside the content");
    }
    if (expected < 0 || expected == Nginx.LARGE) {
      byte[] pattern = PATTERN;
      if (octet != pattern[(int) read]) {
        throw new IOException("octet " + read + " of the content is another one");
      }
    }
    read++;
  }

  private static final byte[] PATTERN = Nginx.pattern(Nginx.LARGE);

  /** Whether the content came to its end. */
  boolean whole() {
    return whole;
  }

  Wire.Message answer() {
    if (head == null) {
      throw new IllegalStateException("no head was read");
    }
    return head;
  }

  /** Since the request began. */
  Duration took() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  @Override
  public void close() throws IOException {
    sendSecondHalf();
    socket.close();
  }
}
