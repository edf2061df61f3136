package io.sluice.plugin.discoverydns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;
import org.xbill.DNS.io.IoClientFactory;
import org.xbill.DNS.io.TcpIoClient;
import org.xbill.DNS.io.UdpIoClient;

/**
 * Carries messages for dnsjava in place of its own transport, which keeps a thread for the process
 * that never ends and a shutdown hook. Blocks the caller; stages are complete when handed out. A
 * socket for each question: connected, so that only the name server's datagrams arrive, on a port
 * that the system chooses (RFC 5452 §9.2). {@link #close} ends every wait at once.
 */
final class Wire implements IoClientFactory, UdpIoClient, TcpIoClient, AutoCloseable {

  private static final int LENGTH_OCTETS = 2;

  private final LongSupplier ticker;
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Time limits go by {@code ticker}, which must be the system's: sockets know no other. */
  Wire(LongSupplier ticker) {
    this.ticker = ticker;
  }

  @Override
  public TcpIoClient createOrGetTcpClient() {
    return this;
  }

  @Override
  public UdpIoClient createOrGetUdpClient() {
    return this;
  }

  @Override
  public CompletableFuture<byte[]> sendAndReceiveUdp(
      @Nullable InetSocketAddress local,
      InetSocketAddress remote,
      Message query,
      byte[] data,
      int max,
      Duration timeout) {
    try (DatagramSocket socket = new DatagramSocket()) {
      return CompletableFuture.completedFuture(
          tracked(socket, () -> datagrams(socket, remote, data, max, timeout)));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private byte[] datagrams(
      DatagramSocket socket, InetSocketAddress remote, byte[] data, int max, Duration timeout)
      throws IOException {
    long end = ticker.getAsLong() + timeout.toNanos();
    socket.connect(remote);
    socket.send(new DatagramPacket(data, data.length));
    DatagramPacket packet = new DatagramPacket(new byte[max], max);
    while (true) {
      socket.setSoTimeout(left(end));
      socket.receive(packet);
      byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
      // Another id is an answer to an earlier question, or somebody guesses.
      if (answer.length >= 2 && answer[0] == data[0] && answer[1] == data[1]) {
        return answer;
      }
      packet.setLength(max);
    }
  }

  @Override
  public CompletableFuture<byte[]> sendAndReceiveTcp(
      @Nullable InetSocketAddress local,
      InetSocketAddress remote,
      Message query,
      byte[] data,
      Duration timeout) {
    try (Socket socket = new Socket()) {
      return CompletableFuture.completedFuture(
          tracked(socket, () -> stream(socket, remote, data, timeout)));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** RFC 1035 §4.2.2: each message behind its length in two octets. */
  private byte[] stream(Socket socket, InetSocketAddress remote, byte[] data, Duration timeout)
      throws IOException {
    long end = ticker.getAsLong() + timeout.toNanos();
    socket.connect(remote, left(end));
    socket.setTcpNoDelay(true);
    ByteBuffer framed = ByteBuffer.allocate(LENGTH_OCTETS + data.length);
    framed.putShort((short) data.length).put(data);
    socket.getOutputStream().write(framed.array());
    DataInputStream in = new DataInputStream(socket.getInputStream());
    socket.setSoTimeout(left(end));
    byte[] answer = new byte[in.readUnsignedShort()];
    for (int at = 0; at < answer.length; ) {
      socket.setSoTimeout(left(end));
      int read = in.read(answer, at, answer.length - at);
      if (read < 0) {
        throw new IOException("closed in the middle of an answer");
      }
      at += read;
    }
    return answer;
  }

  private int left(long end) throws SocketTimeoutException {
    long millis = (end - ticker.getAsLong()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException();
    }
    return (int) Math.min(Integer.MAX_VALUE, millis);
  }

  private interface Exchange {
    byte[] run() throws IOException;
  }

  private byte[] tracked(AutoCloseable socket, Exchange exchange) throws IOException {
    open.add(socket);
    try {
      if (closed) {
        throw new SocketException("closed");
      }
      return exchange.run();
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (AutoCloseable socket : open) {
      try {
        socket.close();
      } catch (Exception e) {
        throw new IllegalStateException("a socket does not fail to close", e);
      }
    }
  }
}
