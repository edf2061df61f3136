package io.sluice.distribution;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 as bytes, for the clients and endpoints of these tests. */
public final class Wire {

  private Wire() {}

  /**
   * A request or a response.
   *
   * @param start the request line or status line
   * @param headers lines as they came
   */
  public record Message(String start, List<String> headers, byte[] body) {

    /** The first value of a header, or null. */
    public @Nullable String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      for (String line : headers) {
        if (line.toLowerCase(Locale.ROOT).startsWith(prefix)) {
          return line.substring(prefix.length()).strip();
        }
      }
      return null;
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** Of a response. */
    public int status() {
      return Integer.parseInt(start.split(" ", 3)[1]);
    }

    /** Of a request. */
    public String method() {
      return start.split(" ", 3)[0];
    }

    /** Of a request. */
    public String target() {
      return start.split(" ", 3)[1];
    }

    public boolean closes() {
      return "close".equalsIgnoreCase(header("Connection"));
    }
  }

  /** Reads one request, or null when the other side closed before its first byte. */
  public static @Nullable Message request(InputStream in) throws IOException {
    Message head = head(in);
    return head == null ? null : withBody(head, in, false);
  }

  /** Reads one final response to a request of {@code method}; null when closed before it. */
  static @Nullable Message response(InputStream in, String method) throws IOException {
    while (true) {
      Message head = head(in);
      if (head == null) {
        return null;
      }
      int status = head.status();
      if (status >= 200) {
        return method.equals("HEAD") || status == 204 || status == 304
            ? head
            : withBody(head, in, true);
      }
    }
  }

  /** Reads a start line and its headers, or null when the other side closed before them. */
  public static @Nullable Message head(InputStream in) throws IOException {
    String start = line(in);
    if (start == null) {
      return null;
    }
    List<String> headers = new ArrayList<>();
    while (true) {
      String line = line(in);
      if (line == null) {
        throw new EOFException("closed inside a head: " + start);
      }
      if (line.isEmpty()) {
        return new Message(start, headers, new byte[0]);
      }
      headers.add(line);
    }
  }

  private static Message withBody(Message head, InputStream in, boolean response)
      throws IOException {
    String length = head.header("Content-Length");
    byte[] body;
    if (length != null) {
      body = in.readNBytes(Integer.parseInt(length));
      if (body.length != Integer.parseInt(length)) {
        throw new EOFException("closed inside a body: " + head.start());
      }
    } else if ("chunked".equalsIgnoreCase(head.header("Transfer-Encoding"))) {
      body = chunks(in);
    } else {
      body = response ? in.readAllBytes() : new byte[0];
    }
    return new Message(head.start(), head.headers(), body);
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String size = line(in);
      if (size == null) {
        throw new EOFException("closed inside chunks");
      }
      int bytes = Integer.parseInt(size.strip(), 16);
      body.writeBytes(in.readNBytes(bytes));
      String end = line(in);
      if (end == null) {
        throw new EOFException("closed inside chunks");
      }
      if (bytes == 0) {
        return body.toByteArray();
      }
    }
  }

  /** Reads one line, or null when the other side closed before it. */
  public static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int next = in.read();
      if (next < 0) {
        if (line.length() == 0) {
          return null;
        }
        throw new EOFException("closed inside the line " + line);
      }
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
  }
}
