package io.sluice.core.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers A and AAAA questions over UDP on a port of 127.0.0.1 (RFC 1035 §4). */
final class NameServer implements AutoCloseable {

  private static final int A = 1;
  private static final int AAAA = 28;
  private static final int NXDOMAIN = 3;

  private final DatagramSocket socket;
  private final Map<String, List<InetAddress>> zone = new ConcurrentHashMap<>();
  final List<String> questions = new CopyOnWriteArrayList<>();
  volatile int ttl = 1;

  /** Instead of an answer; 0 for none. */
  volatile int failsWith;

  NameServer() {
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::run, "name-server");
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  NameServer says(String name, String... addresses) {
    List<InetAddress> found = new CopyOnWriteArrayList<>();
    for (String address : addresses) {
      try {
        found.add(InetAddress.getByName(address));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    zone.put(name, found);
    return this;
  }

  private void run() {
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        socket.receive(packet);
        byte[] answer = answer(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private byte[] answer(ByteBuffer query) {
    short id = query.getShort(0);
    query.position(12);
    StringBuilder name = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      name.append(name.length() == 0 ? "" : ".")
          .append(new String(label, StandardCharsets.US_ASCII));
    }
    int type = query.getShort();
    int questionEnd = query.position() + 2;
    questions.add((type == A ? "A " : type == AAAA ? "AAAA " : type + " ") + name);
    List<InetAddress> known = zone.get(name.toString());
    List<InetAddress> found =
        known == null || failsWith != 0
            ? List.of()
            : known.stream()
                .filter(each -> each.getAddress().length == (type == A ? 4 : 16))
                .toList();
    int rcode = failsWith != 0 ? failsWith : known == null ? NXDOMAIN : 0;
    ByteBuffer out = ByteBuffer.allocate(1500);
    out.putShort(id).putShort((short) (0x8180 | rcode));
    out.putShort((short) 1).putShort((short) found.size()).putInt(0);
    out.put(query.duplicate().position(12).limit(questionEnd));
    for (InetAddress each : found) {
      out.putShort((short) 0xc00c).putShort((short) type).putShort((short) 1).putInt(ttl);
      out.putShort((short) each.getAddress().length).put(each.getAddress());
    }
    byte[] octets = new byte[out.position()];
    out.flip().get(octets);
    return octets;
  }

  @Override
  public void close() {
    socket.close();
  }
}
