package io.sluice.core.boot;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A scripted endpoint of plain sockets, one thread for each connection. */
final class Peer implements AutoCloseable {

  /** A request as it came. */
  record Request(
      String line, Map<String, String> headers, InputStream content, OutputStream answer) {

    String target() {
      return line.split(" ")[1];
    }

    /** Reads the content, framed by length or chunks. */
    String body() throws IOException {
      return Wire.body(headers, content);
    }
  }

  /** Answers one request. */
  interface Script {
    void serve(Request request) throws IOException;
  }

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Socket held = new Socket();
  private final Thread acceptor;
  final AtomicInteger accepted = new AtomicInteger();
  final List<String> lines = new CopyOnWriteArrayList<>();
  final List<Map<String, String>> heads = new CopyOnWriteArrayList<>();
  final List<String> bodies = new CopyOnWriteArrayList<>();
  volatile boolean keepsRecord = true;
  volatile Script script;

  private Peer(Script script, InetAddress address, int port) {
    this.script = script;
    try {
      server = new ServerSocket(port, 512, address);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    acceptor = start(this::accept);
  }

  static Peer of(Script script) {
    return new Peer(script, InetAddress.getLoopbackAddress(), 0);
  }

  /** Answers 200 with {@code text} after reading the content. */
  static Peer saying(String text) {
    return of(request -> answer(request, 200, text));
  }

  /** As {@link #of}, at an address and port of choice; 0 for any. */
  static Peer at(String address, int port, Script script) {
    try {
      return new Peer(script, InetAddress.getByName(address), port);
    } catch (java.net.UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void answer(Request request, int status, String text) throws IOException {
    request.body();
    write(
        request,
        "HTTP/1.1 " + status + " X\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
  }

  static void write(Request request, String octets) throws IOException {
    request.answer().write(octets.getBytes(StandardCharsets.ISO_8859_1));
    request.answer().flush();
  }

  int port() {
    return server.getLocalPort();
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private static Thread start(Runnable task) {
    Thread thread = new Thread(task, "peer");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        accepted.incrementAndGet();
        open.add(socket);
        start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        String line = Wire.line(in);
        if (line == null) {
          return;
        }
        Map<String, String> headers = Wire.headers(in);
        if (keepsRecord) {
          lines.add(line);
          heads.add(headers);
        }
        script.serve(new Request(line, headers, in, socket.getOutputStream()));
      }
    } catch (IOException e) {
      // the proxy hung up, which the test sees at its side
    } finally {
      open.remove(socket);
    }
  }

  int connections() {
    return open.size();
  }

  /**
   * Ends, and from then on refuses whoever connects. Its port stays taken: a port that is only
   * closed is soon another program's.
   */
  void refuse() throws IOException, InterruptedException {
    SocketAddress at = server.getLocalSocketAddress();
    held.setReuseAddress(true);
    shut();
    acceptor.join(10_000); // which has the socket for as long as it accepts
    held.bind(at); // bound and not listening
  }

  @Override
  public void close() {
    try {
      held.close();
      shut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void shut() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** What both ends need of the protocol. */
  static final class Wire {
    private Wire() {}

    static String line(InputStream in) throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int octet = in.read(); ; octet = in.read()) {
        if (octet < 0) {
          return line.size() == 0 ? null : line.toString(StandardCharsets.ISO_8859_1);
        }
        if (octet == '\n') {
          return line.toString(StandardCharsets.ISO_8859_1).replace("\r", "");
        }
        line.write(octet);
      }
    }

    static Map<String, String> headers(InputStream in) throws IOException {
      Map<String, String> headers = new LinkedHashMap<>();
      for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
        int colon = line.indexOf(':');
        headers.merge(
            line.substring(0, colon).toLowerCase(Locale.ROOT),
            line.substring(colon + 1).trim(),
            (one, two) -> one + ", " + two);
      }
      return headers;
    }

    /** The content; for chunks the trailers come behind it, after a bar. */
    static String body(Map<String, String> headers, InputStream in) throws IOException {
      if (headers.containsKey("content-length")) {
        int length = Integer.parseInt(headers.get("content-length"));
        byte[] content = in.readNBytes(length);
        if (content.length < length) {
          throw new IOException("content broken off at " + content.length + " of " + length);
        }
        return new String(content, StandardCharsets.ISO_8859_1);
      }
      if (!"chunked".equals(headers.get("transfer-encoding"))) {
        return "";
      }
      StringBuilder content = new StringBuilder();
      while (true) {
        String size = line(in);
        if (size == null) {
          throw new IOException("content broken off");
        }
        int length = Integer.parseInt(size.trim(), 16);
        if (length == 0) {
          Map<String, String> trailers = headers(in);
          return trailers.isEmpty() ? content.toString() : content + "|" + trailers;
        }
        byte[] chunk = in.readNBytes(length);
        if (chunk.length < length || line(in) == null) {
          throw new IOException("content broken off");
        }
        content.append(new String(chunk, StandardCharsets.ISO_8859_1));
      }
    }
  }
}
