package io.sluice.core.tunnel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes the first message of TLS clients. */
public final class Hellos {

  private Hellos() {}

  /** One record with the message of a client that asks for {@code name}. */
  public static byte[] named(String name) {
    return inRecords(message(name), 1 << 14);
  }

  /** The message without records. */
  public static byte[] message(@Nullable String name) {
    ByteArrayOutputStream extensions = new ByteArrayOutputStream();
    extension(extensions, 43, new byte[] {2, 3, 4});
    if (name != null) {
      byte[] octets = name.getBytes(StandardCharsets.ISO_8859_1);
      ByteArrayOutputStream list = new ByteArrayOutputStream();
      number(list, octets.length + 3);
      list.write(0);
      number(list, octets.length);
      list.writeBytes(octets);
      extension(extensions, 0, list.toByteArray());
    }
    extension(extensions, 0xFE0D, new byte[] {0, 1, 2, 3, 4, 5}); // as Encrypted Client Hello is
    ByteArrayOutputStream body = start();
    number(body, extensions.size());
    body.writeBytes(extensions.toByteArray());
    return message(body);
  }

  static byte[] withoutExtensions() {
    return message(start());
  }

  private static ByteArrayOutputStream start() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    number(body, 0x0303);
    body.writeBytes(new byte[32]);
    body.write(32);
    body.writeBytes(new byte[32]);
    number(body, 4);
    number(body, 0x1301);
    number(body, 0x1302);
    body.write(1);
    body.write(0);
    return body;
  }

  private static byte[] message(ByteArrayOutputStream body) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.write(1);
    message.write(0);
    number(message, body.size());
    message.writeBytes(body.toByteArray());
    return message.toByteArray();
  }

  private static void extension(ByteArrayOutputStream out, int type, byte[] content) {
    number(out, type);
    number(out, content.length);
    out.writeBytes(content);
  }

  private static void number(ByteArrayOutputStream out, int value) {
    out.write(value >> 8);
    out.write(value);
  }

  /** The message in records of at most so many octets. */
  public static byte[] inRecords(byte[] message, int most) {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int at = 0; at < message.length; at += most) {
      int length = Math.min(most, message.length - at);
      records.write(22);
      records.write(3);
      records.write(1);
      number(records, length);
      records.write(message, at, length);
    }
    return records.toByteArray();
  }
}
