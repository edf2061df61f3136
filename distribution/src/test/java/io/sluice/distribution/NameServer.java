package io.sluice.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A name server over UDP on a port of 127.0.0.1; what it was told nothing about does not exist. */
public final class NameServer implements AutoCloseable {

  /** What it makes of questions. */
  public enum Mood {
    ANSWERS,
    /** SERVFAIL to everything (RFC 1035 §4.1.1). */
    FAILS,
    SILENT
  }

  private final DatagramSocket socket;
  private final Map<String, List<Record>> zone = new ConcurrentHashMap<>();
  private final AtomicLong asked = new AtomicLong();
  private volatile Mood mood = Mood.ANSWERS;

  public NameServer() {
    try {
      socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::run, "name-server");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** Says what there is of a type: {@code "10.0.0.1"}, or the text of an SRV record; TTL 1 s. */
  public void says(String name, String type, String... data) {
    try {
      Name owner = Name.fromString(name, Name.root);
      List<Record> records = new CopyOnWriteArrayList<>();
      for (String text : data) {
        records.add(Record.fromString(owner, Type.value(type), DClass.IN, 1, text, Name.root));
      }
      zone.put(type + " " + owner, records);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on {@code name} has nothing of a type: NXDOMAIN. */
  public void forgets(String name, String type) {
    zone.remove(type + " " + name + ".");
  }

  public void is(Mood now) {
    mood = now;
  }

  /** How many questions came so far. */
  public long asked() {
    return asked.get();
  }

  private void run() {
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        asked.incrementAndGet();
        if (mood == Mood.SILENT) {
          continue;
        }
        byte[] answer =
            answer(new Message(Arrays.copyOf(packet.getData(), packet.getLength()))).toWire();
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private Message answer(Message query) {
    Record question = query.getQuestion();
    Message answer = new Message(query.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.addRecord(question, Section.QUESTION);
    List<Record> records = zone.get(Type.string(question.getType()) + " " + question.getName());
    if (mood == Mood.FAILS) {
      answer.getHeader().setRcode(Rcode.SERVFAIL);
    } else if (records == null) {
      answer.getHeader().setRcode(Rcode.NXDOMAIN);
    } else {
      records.forEach(each -> answer.addRecord(each, Section.ANSWER));
    }
    return answer;
  }

  @Override
  public void close() {
    socket.close();
  }
}
