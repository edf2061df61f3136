package io.sluice.core.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An endpoint that keeps every octet it is sent, by connection, and answers by script. */
final class RawEndpoint implements AutoCloseable {

  /** What it does with each connection. Runs on a thread of that connection. */
  interface Script {
    void serve(Peer peer) throws IOException;
  }

  private final ServerSocket server;
  private final List<Peer> peers = new CopyOnWriteArrayList<>();
  private volatile Script script;

  /** The client's port of a connection of our own, or 0. */
  private volatile int lastPort;

  private final Semaphore lastCame = new Semaphore(0);

  RawEndpoint(Script script) {
    this(script, plain());
  }

  /** One behind a socket that is bound already, such as one that speaks TLS. */
  RawEndpoint(Script script, ServerSocket bound) {
    this.script = script;
    server = bound;
    start("raw-endpoint", this::accept);
  }

  private static ServerSocket plain() {
    try {
      return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that answers every request alike and keeps its connections. */
  static RawEndpoint answering(String response) {
    return new RawEndpoint(always(response));
  }

  /** Answers every request alike. */
  static Script always(String response) {
    return peer -> {
      while (peer.readRequest()) {
        peer.send(response);
      }
    };
  }

  void script(Script next) {
    script = next;
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** The connections so far, the oldest first. */
  List<Peer> peers() {
    return peers;
  }

  /** Whether there were connections and each has ended. */
  boolean allEnded() {
    return !peers.isEmpty() && peers.stream().allMatch(Peer::ended);
  }

  /** Forgets what came so far, and who is connected already and not let in yet. */
  void forget() {
    try (Socket last = new Socket()) {
      last.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      lastPort = last.getLocalPort();
      last.connect(server.getLocalSocketAddress());
      if (!lastCame.tryAcquire(20, TimeUnit.SECONDS)) { // behind all that were before it
        throw new IllegalStateException("nobody is let in");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    peers.clear();
  }

  /** Everything that came over all connections, the oldest first. */
  String received() {
    StringBuilder all = new StringBuilder();
    peers.forEach(peer -> all.append(peer.received()));
    return all.toString();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (socket.getPort() == lastPort) {
          socket.close();
          lastCame.release();
          continue;
        }
        Peer peer = new Peer(socket);
        peers.add(peer);
        start("raw-endpoint-peer", () -> serve(peer));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Peer peer) {
    try (Socket socket = peer.socket) {
      script.serve(peer);
      socket.shutdownOutput();
      peer.readToEnd();
    } catch (IOException e) {
      peer.broken = true;
    } finally {
      peer.ended = true;
    }
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Peer peer : peers) {
        peer.socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One connection. */
  static final class Peer {

    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private volatile boolean broken;
    private volatile boolean ended;

    private Peer(Socket socket) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
      socket.setTcpNoDelay(true);
    }

    /** Every octet so far. */
    String received() {
      synchronized (received) {
        return received.toString(StandardCharsets.ISO_8859_1);
      }
    }

    /** The connection itself. */
    Socket socket() {
      return socket;
    }

    /** Whether the proxy closed it, or the script did and the proxy after it. */
    boolean ended() {
      return ended;
    }

    /** Whether it ended with a reset. */
    boolean broken() {
      return broken;
    }

    int read() throws IOException {
      int octet = in.read();
      if (octet >= 0) {
        synchronized (received) {
          received.write(octet);
        }
      }
      return octet;
    }

    /** Reads up to and with {@code end}; null when the connection ends before any octet. */
    @Nullable String readUntil(String end) throws IOException {
      StringBuilder text = new StringBuilder();
      while (text.length() < end.length() || text.indexOf(end, text.length() - end.length()) < 0) {
        int octet = read();
        if (octet < 0) {
          return null;
        }
        text.append((char) octet);
      }
      return text.toString();
    }

    /** Reads one request with its content; answers whether there was one. */
    boolean readRequest() throws IOException {
      String head = readUntil("\r\n\r\n");
      if (head == null) {
        return false;
      }
      String lower = head.toLowerCase(java.util.Locale.ROOT);
      if (lower.contains("\r\ntransfer-encoding: chunked\r\n")) {
        return readChunks();
      }
      int at = lower.indexOf("\r\ncontent-length:");
      if (at >= 0) {
        read(Integer.parseInt(lower.substring(at + 17, lower.indexOf("\r\n", at + 2)).trim()));
      }
      return true;
    }

    private boolean readChunks() throws IOException {
      for (String line = readUntil("\r\n"); line != null; line = readUntil("\r\n")) {
        int size = Integer.parseInt(line.trim(), 16);
        if (size == 0) {
          return readTrailers();
        }
        read(size + 2);
      }
      return false;
    }

    private boolean readTrailers() throws IOException {
      String line = readUntil("\r\n");
      while (line != null && !line.equals("\r\n")) {
        line = readUntil("\r\n");
      }
      return line != null;
    }

    /** Reads so many octets, or fewer where the connection ends. */
    void read(int octets) throws IOException {
      byte[] buffer = new byte[Math.min(octets, 64 * 1024)];
      int left = octets;
      while (left > 0) {
        int count = in.read(buffer, 0, Math.min(left, buffer.length));
        if (count < 0) {
          return;
        }
        synchronized (received) {
          received.write(buffer, 0, count);
        }
        left -= count;
      }
    }

    /** Reads so many octets, or fewer where the connection ends, and keeps none. */
    long skip(long octets) throws IOException {
      byte[] piece = new byte[64 * 1024];
      long all = 0;
      while (all < octets) {
        int read = in.read(piece);
        if (read < 0) {
          return all;
        }
        all += read;
      }
      return all;
    }

    void readToEnd() throws IOException {
      while (read() >= 0) {
        // kept by read
      }
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
    }

    /** Breaks off. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    void close() throws IOException {
      socket.close();
    }

    /** Closes, from any thread. */
    void hangUp() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
