package io.sluice.distribution;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An endpoint of WebSockets (RFC 6455) over HTTP/1.1, one thread for each: sends back every message
 * and PING, and closes with the code that it is told. Behind {@code /raw} nothing is read or sent:
 * the socket is the test's.
 */
final class EchoingWebSockets implements AutoCloseable {

  private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** The heads of the requests that came, as they came. */
  final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

  /** The codes that clients closed with; 1005 for none. */
  final BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();

  /** Sockets behind {@code /raw}. */
  final BlockingQueue<Socket> raw = new LinkedBlockingQueue<>();

  EchoingWebSockets() {
    try {
      server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "echoing");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      String head = head(in);
      heads.add(head);
      socket.getOutputStream().write(answer(head).getBytes(StandardCharsets.US_ASCII));
      if (head.startsWith("GET /raw ")) {
        raw.add(socket);
      } else {
        echo(in, socket.getOutputStream());
        socket.close();
      }
    } catch (IOException e) {
      close(socket);
    }
  }

  private static String head(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  private static String answer(String head) {
    String key = field(head, "sec-websocket-key");
    String protocol = field(head, "sec-websocket-protocol");
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + KEY_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: "
          + Base64.getEncoder().encodeToString(digest)
          + (protocol.isEmpty() ? "" : "\r\nSec-WebSocket-Protocol: " + protocol)
          + "\r\n\r\n";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String field(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private void echo(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      long length = second & 0x7f;
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      byte[] mask = in.readNBytes((second & 0x80) == 0 ? 0 : 4);
      byte[] payload = in.readNBytes(Math.toIntExact(length));
      for (int i = 0; i < payload.length && mask.length > 0; i++) {
        payload[i] ^= mask[i & 3];
      }
      int opcode = first & 0x0f;
      frame(out, opcode == PING ? 0x80 | PONG : first, payload);
      if (opcode == CLOSE) {
        closes.add(payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff);
        return;
      }
    }
  }

  /** A frame of a server, which has no mask. */
  private static void frame(OutputStream out, int first, byte[] payload) throws IOException {
    List<Integer> head = new ArrayList<>(List.of(first));
    if (payload.length < 126) {
      head.add(payload.length);
    } else if (payload.length < 65_536) {
      head.addAll(List.of(126, payload.length >> 8, payload.length & 0xff));
    } else {
      head.add(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        head.add((int) ((long) payload.length >> shift) & 0xff);
      }
    }
    byte[] whole = new byte[head.size() + payload.length];
    for (int i = 0; i < head.size(); i++) {
      whole[i] = head.get(i).byteValue();
    }
    System.arraycopy(payload, 0, whole, head.size(), payload.length);
    out.write(whole);
    out.flush();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // nothing more can be done
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(EchoingWebSockets::close);
  }
}
