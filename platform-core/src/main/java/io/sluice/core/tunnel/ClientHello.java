package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server name out of a TLS ClientHello as it comes, without taking part in the handshake
 * (RFC 8446 §4.1.2 and §5.1, RFC 6066 §3). The message may be spread over records and over reads in
 * any way; each octet is looked at once. With Encrypted Client Hello this is the outer, public
 * name.
 *
 * <p>Not thread-safe; holds at most {@link #MAX_BYTES}.
 */
final class ClientHello {

  /** The most that a ClientHello may have; those with post-quantum keys have about 2 KiB. */
  static final int MAX_BYTES = 16 * 1024;

  /** How far the reading is. */
  enum State {
    /** Not whole yet. */
    MORE,
    /** Whole: {@link ClientHello#serverName} is known. */
    WHOLE,
    /** Not a ClientHello of TLS. */
    BROKEN
  }

  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int MAX_RECORD = 1 << 14;
  private static final int SERVER_NAME = 0;
  private static final int HOST_NAME = 0;

  private final byte[] recordHead = new byte[5];
  private int recordHeadLength;
  private int leftOfRecord;
  private byte[] message = new byte[512];
  private int length;
  private int expected = 4;
  private State state = State.MORE;
  private @Nullable String serverName;

  State state() {
    return state;
  }

  /** The name in lower case without a final dot; null where the client sent none. */
  @Nullable String serverName() {
    return serverName;
  }

  /** Looks at octets from {@code from} to the writer index; takes none. */
  State read(ByteBuf in, int from) {
    int at = from;
    while (state == State.MORE && at < in.writerIndex()) {
      if (leftOfRecord == 0) {
        recordHead[recordHeadLength++] = in.getByte(at++);
        checkRecordHead();
      } else {
        int count = Math.min(in.writerIndex() - at, Math.min(leftOfRecord, expected - length));
        append(in, at, count);
        at += count;
        leftOfRecord -= count;
      }
    }
    return state;
  }

  private void checkRecordHead() {
    if (recordHead[0] != HANDSHAKE || (recordHeadLength > 1 && recordHead[1] != 3)) {
      state = State.BROKEN;
    } else if (recordHeadLength == 5) {
      leftOfRecord = (recordHead[3] & 0xFF) << 8 | (recordHead[4] & 0xFF);
      recordHeadLength = 0;
      if (leftOfRecord == 0 || leftOfRecord > MAX_RECORD) {
        state = State.BROKEN; // RFC 8446 §5.1: no empty fragments of handshakes
      }
    }
  }

  private void append(ByteBuf in, int at, int count) {
    if (length + count > message.length) {
      message = Arrays.copyOf(message, Math.max(length + count, Math.min(expected, MAX_BYTES)));
    }
    in.getBytes(at, message, length, count);
    length += count;
    if (length < expected) {
      return;
    }
    if (expected == 4) {
      expected = 4 + number(1, 3);
      if (message[0] != CLIENT_HELLO || expected > MAX_BYTES || expected == 4) {
        state = State.BROKEN;
      }
      return;
    }
    state = parse() ? State.WHOLE : State.BROKEN;
  }

  private int number(int at, int octets) {
    int value = 0;
    for (int i = 0; i < octets; i++) {
      value = value << 8 | (message[at + i] & 0xFF);
    }
    return value;
  }

  /** Skips a vector with a length of so many octets; answers −1 where it is not whole. */
  private int skip(int at, int octets) {
    if (at < 0 || at + octets > length) {
      return -1;
    }
    int end = at + octets + number(at, octets);
    return end > length ? -1 : end;
  }

  private boolean parse() {
    int at = skip(4 + 2 + 32, 1); // version, random, session id
    at = skip(at, 2); // cipher suites
    at = skip(at, 1); // compression methods
    if (at == length) {
      return true; // no extensions at all
    }
    return at >= 0 && skip(at, 2) == length && parseExtensions(at + 2);
  }

  private boolean parseExtensions(int from) {
    int at = from;
    boolean named = false;
    while (at < length) {
      int body = at + 2;
      int end = skip(body, 2);
      if (end < 0) {
        return false;
      }
      if (number(at, 2) == SERVER_NAME) {
        if (named || !parseNames(body + 2, end)) {
          return false; // RFC 8446 §4.2: no extension twice
        }
        named = true;
      }
      at = end;
    }
    return true;
  }

  private boolean parseNames(int from, int end) {
    if (end - from < 2 || from + 2 + number(from, 2) != end || end == from + 2) {
      return false;
    }
    int at = from + 2;
    while (at < end) {
      int next = skip(at + 1, 2);
      if (next < 0 || next > end) {
        return false;
      }
      if (message[at] == HOST_NAME) {
        if (serverName != null) {
          return false; // RFC 6066 §3: no two names of one type
        }
        serverName = name(at + 3, next);
        if (serverName == null) {
          return false;
        }
      }
      at = next;
    }
    return true;
  }

  /** A host name as DNS has them, in ASCII; null for anything else. */
  private @Nullable String name(int from, int end) {
    int last = end > from && message[end - 1] == '.' ? end - 1 : end;
    if (last == from || last - from > 253) {
      return null;
    }
    for (int i = from; i < last; i++) {
      byte octet = message[i];
      boolean plain =
          (octet >= 'a' && octet <= 'z')
              || (octet >= 'A' && octet <= 'Z')
              || (octet >= '0' && octet <= '9')
              || octet == '-'
              || octet == '_'
              || octet == '.'
              || octet == ':'; // an address literal, which RFC 6066 forbids and clients send
      if (!plain) {
        return null;
      }
    }
    String text =
        new String(message, from, last - from, java.nio.charset.StandardCharsets.US_ASCII);
    return text.toLowerCase(Locale.ROOT);
  }
}
