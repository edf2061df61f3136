package io.sluice.plugin.discoverydns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A name server on a port of 127.0.0.1, over UDP and TCP, that says what a test wants. */
final class FakeDns implements AutoCloseable {

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Map<String, List<Record>> zone = new ConcurrentHashMap<>();
  private final Map<String, Integer> rcodes = new ConcurrentHashMap<>();

  /** Questions in order: {@code A users.svc.}, behind {@code tcp } where they came so. */
  final List<String> questions = new CopyOnWriteArrayList<>();

  volatile boolean silent;
  volatile boolean truncates;
  volatile boolean wrongIdFirst;

  FakeDns() {
    try {
      tcp = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
      udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::datagrams);
    start(this::connections);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-dns");
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "127.0.0.1:" + udp.getLocalPort();
  }

  /** Says what there is: {@code 30 A 10.0.0.1}, TTL first; nothing is NODATA. */
  FakeDns says(String name, String type, String... records) {
    try {
      Name owner = Name.fromString(name, Name.root);
      List<Record> made = new CopyOnWriteArrayList<>();
      for (String text : records) {
        String[] words = text.split(" ", 3);
        made.add(
            Record.fromString(
                owner,
                Type.value(words[1]),
                DClass.IN,
                Long.parseLong(words[0]),
                words[2],
                Name.root));
      }
      zone.put(type + " " + owner, made);
      rcodes.remove(type + " " + owner);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says that it cannot, or that there is no such name. */
  FakeDns fails(String name, String type, int rcode) {
    rcodes.put(type + " " + name + ".", rcode);
    return this;
  }

  private void datagrams() {
    byte[] buffer = new byte[4096];
    while (!udp.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        Message query = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        Message answer = answer(query, "");
        if (silent) {
          continue;
        }
        if (wrongIdFirst) {
          Message other = answer.clone();
          other.getHeader().setID(query.getHeader().getID() ^ 1);
          byte[] wrong = other.toWire();
          udp.send(new DatagramPacket(wrong, wrong.length, packet.getSocketAddress()));
        }
        if (truncates) {
          answer.removeAllRecords(Section.ANSWER);
          answer.getHeader().setFlag(Flags.TC);
        }
        byte[] octets = answer.toWire();
        udp.send(new DatagramPacket(octets, octets.length, packet.getSocketAddress()));
      } catch (IOException e) {
        if (!udp.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void connections() {
    while (!tcp.isClosed()) {
      try (Socket socket = tcp.accept()) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] octets = in.readNBytes(in.readUnsignedShort());
        byte[] answer = answer(new Message(octets), "tcp ").toWire();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(answer.length);
        out.write(answer);
      } catch (IOException e) {
        if (!tcp.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private Message answer(Message query, String how) {
    Record question = query.getQuestion();
    String key = Type.string(question.getType()) + " " + question.getName();
    questions.add(how + key);
    Message answer = new Message(query.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.addRecord(question, Section.QUESTION);
    List<Record> records = zone.get(key);
    boolean named =
        zone.keySet().stream().anyMatch(each -> each.endsWith(" " + question.getName()));
    Integer rcode = rcodes.get(key);
    if (rcode != null) {
      answer.getHeader().setRcode(rcode);
    } else if (records != null) {
      records.forEach(each -> answer.addRecord(each, Section.ANSWER));
    } else if (!named) {
      answer.getHeader().setRcode(Rcode.NXDOMAIN);
    }
    return answer;
  }

  @Override
  public void close() {
    udp.close();
    try {
      tcp.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
