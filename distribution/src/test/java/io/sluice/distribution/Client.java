package io.sluice.distribution;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection of a client to a port of 127.0.0.1. */
public final class Client implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public Client(int port) throws IOException {
    this.socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** One request on a connection of its own. */
  static Wire.Message call(int port, String method, String target, List<String> headers) {
    return call(port, method, target, headers, "");
  }

  public static Wire.Message get(int port, String target, String... headers) {
    return call(port, "GET", target, List.of(headers));
  }

  static Wire.Message call(
      int port, String method, String target, List<String> headers, String body) {
    try (Client client = new Client(port)) {
      Wire.Message response = client.exchange(method, target, headers, body);
      if (response == null) {
        throw new AssertionError("closed without a response to " + method + " " + target);
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request and reads its response; null when the connection was closed before it. */
  public Wire.@Nullable Message exchange(
      String method, String target, List<String> headers, String body) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    if (headers.stream().noneMatch(line -> line.startsWith("Host:"))) {
      text.append("Host: localhost\r\n");
    }
    headers.forEach(line -> text.append(line).append("\r\n"));
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    if (length > 0 || method.equals("POST")) {
      text.append("Content-Length: ").append(length).append("\r\n");
    }
    text.append("\r\n").append(body);
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    return Wire.response(in, method);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
