package io.sluice.plugin.healthcheckgrpc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The two messages of {@code grpc.health.v1} as octets. Each has one field of interest, so the wire
 * format of Protocol Buffers is written and read here: a tag, then a length and octets, or a
 * varint. The prefix of five octets is that of gRPC over HTTP/2, Length-Prefixed-Message.
 */
final class HealthMessages {

  /** What HealthCheckResponse.ServingStatus has. */
  enum Serving {
    UNKNOWN,
    SERVING,
    NOT_SERVING,
    SERVICE_UNKNOWN
  }

  private static final int PREFIX = 5;
  private static final int FIELD_1_LENGTH_DELIMITED = (1 << 3) | 2;
  private static final int FIELD_1_VARINT = 1 << 3;

  private HealthMessages() {}

  /** HealthCheckRequest { string service = 1 }, with its prefix. */
  static byte[] request(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocate(name.length + 8);
    if (name.length > 0) {
      message.put((byte) FIELD_1_LENGTH_DELIMITED);
      int length = name.length;
      while (length > 0x7f) {
        message.put((byte) ((length & 0x7f) | 0x80));
        length >>>= 7;
      }
      message.put((byte) length).put(name);
    }
    message.flip();
    return ByteBuffer.allocate(PREFIX + message.remaining())
        .put((byte) 0)
        .putInt(message.remaining())
        .put(message)
        .array();
  }

  /**
   * HealthCheckResponse { ServingStatus status = 1 } with its prefix.
   *
   * @return null where the octets are no such message, or a compressed one
   */
  static @Nullable Serving response(byte[] content) {
    ByteBuffer in = ByteBuffer.wrap(content);
    if (in.remaining() < PREFIX || in.get() != 0 || in.getInt() != in.remaining()) {
      return null;
    }
    long status = 0; // the default of a field that is not there
    while (in.hasRemaining()) {
      long tag = varint(in);
      boolean known = tag == FIELD_1_VARINT;
      long value = (tag & 7) == 0 ? varint(in) : skip(in, tag);
      if (tag < 0 || value < 0) {
        return null;
      }
      status = known ? value : status;
    }
    Serving[] all = Serving.values();
    return status < all.length ? all[(int) status] : Serving.UNKNOWN;
  }

  /** Passes a field over that a later version may have; answers −1 where there is none. */
  private static long skip(ByteBuffer in, long tag) {
    long length =
        switch ((int) (tag & 7)) {
          case 1 -> 8;
          case 2 -> varint(in);
          case 5 -> 4;
          default -> -1;
        };
    if (length < 0 || length > in.remaining()) {
      return -1;
    }
    in.position(in.position() + (int) length);
    return 0;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 63 && in.hasRemaining(); shift += 7) {
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    return -1;
  }
}
