package io.sluice.core.boot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client on one kept connection. */
final class Caller implements AutoCloseable {

  /** A response. */
  record Response(int status, Map<String, String> headers, String body) {}

  final Socket socket = new Socket();
  final InputStream in;
  private final OutputStream out;

  Caller(int port) throws IOException {
    this(port, 0);
  }

  /** With a receive buffer of that many octets; 0 for the usual. */
  Caller(int port, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  void send(String octets) throws IOException {
    out.write(octets.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  Response receive(boolean head) throws IOException {
    while (true) {
      String line = Peer.Wire.line(in);
      if (line == null) {
        throw new IOException("closed before a response");
      }
      int status = Integer.parseInt(line.substring(9, 12));
      Map<String, String> headers = Peer.Wire.headers(in);
      if (status < 200) {
        continue;
      }
      boolean bodyless = head || status == 204 || status == 304;
      return new Response(status, headers, bodyless ? "" : Peer.Wire.body(headers, in));
    }
  }

  Response get(String target, String... lines) throws IOException {
    send(request("GET", target, "", lines));
    return receive(false);
  }

  Response post(String target, String body, String... lines) throws IOException {
    send(request("POST", target, "Content-Length: " + body.length() + "\r\n", lines) + body);
    return receive(false);
  }

  static String request(String method, String target, String framing, String... lines) {
    StringBuilder more = new StringBuilder(framing);
    for (String line : lines) {
      more.append(line).append("\r\n");
    }
    return method + " " + target + " HTTP/1.1\r\nHost: test\r\n" + more + "\r\n";
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
