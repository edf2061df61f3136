package io.sluice.core.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A client of octets. */
final class RawClient implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  RawClient(SocketAddress address) {
    try {
      socket = new Socket();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect((InetSocketAddress) address);
      in = socket.getInputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client over a socket that is connected, and its TLS done. */
  RawClient(Socket connected) {
    try {
      socket = connected;
      socket.setSoTimeout(PATIENCE_MILLIS);
      in = socket.getInputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What came back. */
  record Response(int status, String head, String body) {

    /** The values of {@code name}, the first one, or null. */
    @Nullable String header(String name) {
      List<String> all = headers(name);
      return all.isEmpty() ? null : all.get(0);
    }

    List<String> headers(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return Arrays.stream(head.split("\r\n"))
          .skip(1)
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).trim())
          .toList();
    }
  }

  RawClient send(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The response to a request other than HEAD. */
  Response read() {
    return read(false);
  }

  Response read(boolean toHead) {
    try {
      String head = until("\r\n\r\n");
      int status = Integer.parseInt(head.substring(9, 12));
      Response bare = new Response(status, head, "");
      if (toHead || status < 200 || status == 204 || status == 304) {
        return bare;
      }
      if (bare.header("Transfer-Encoding") != null) {
        return new Response(status, head, chunks());
      }
      String length = bare.header("Content-Length");
      String body = length == null ? rest() : octets(Integer.parseInt(length));
      return new Response(status, head, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String chunks() throws IOException {
    StringBuilder raw = new StringBuilder();
    while (true) {
      String size = until("\r\n");
      raw.append(size);
      int length = Integer.parseInt(size.trim(), 16);
      if (length > 0) {
        raw.append(octets(length + 2));
      } else {
        String line;
        do {
          line = until("\r\n");
          raw.append(line);
        } while (!line.equals("\r\n"));
        return raw.toString();
      }
    }
  }

  /** Reads up to and with {@code end}. */
  String until(String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < end.length() || text.indexOf(end, text.length() - end.length()) < 0) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("closed after: " + text);
      }
      text.append((char) octet);
    }
    return text.toString();
  }

  private String octets(int count) throws IOException {
    byte[] octets = in.readNBytes(count);
    if (octets.length < count) {
      throw new IOException("closed after: " + new String(octets, StandardCharsets.ISO_8859_1));
    }
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  /** Whether something came that was not read yet. */
  boolean hasInput() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything up to a clean end. */
  String rest() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Everything up to the end, and whether that was a clean one. */
  Ending ending() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    boolean reset = false;
    try {
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        text.write(octet);
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new UncheckedIOException("still open after: " + text, e);
    } catch (IOException e) {
      reset = true;
    }
    return new Ending(text.toString(StandardCharsets.ISO_8859_1), reset);
  }

  /** How many octets come up to a clean end. */
  long count() throws IOException {
    byte[] piece = new byte[64 * 1024];
    long all = 0;
    for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
      all += got;
    }
    return all;
  }

  /** Writes so many octets, counting what was taken. */
  void write(int octets, java.util.concurrent.atomic.AtomicLong taken) {
    byte[] piece = new byte[64 * 1024];
    try {
      while (taken.get() < octets) {
        socket.getOutputStream().write(piece);
        taken.addAndGet(piece.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a count comes to when it no longer moves. */
  static long settled(java.util.concurrent.atomic.AtomicLong count) {
    long[] before = {-1};
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(60))
        .pollInterval(java.time.Duration.ofMillis(400))
        .until(
            () -> {
              long now = count.get();
              boolean still = now > 0 && now == before[0];
              before[0] = now;
              return still;
            });
    return before[0];
  }

  RawClient send(byte[] octets) {
    return send(new String(octets, StandardCharsets.ISO_8859_1));
  }

  /** What came, and how it ended. */
  record Ending(String text, boolean reset) {}

  RawClient halfClose() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes, where a test goes on. */
  void leave() {
    close();
  }

  /** Leaves with a reset. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
