package io.sluice.core.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header of the PROXY protocol, versions 1 and 2, read and written (Willy Tarreau, <i>The PROXY
 * protocol</i>, HAProxy 2.x, sections 2.1 and 2.2). Stateless: {@link #look} looks at everything
 * that came so far, so it does not matter how the octets were split.
 *
 * @param source who connected; null where the header does not say, or says that the proxy itself
 *     did ({@code UNKNOWN}, {@code LOCAL}, Unix-domain sockets)
 * @param destination where to; null exactly when {@code source} is
 * @param length octets of the header
 */
public record ProxyHeader(
    @Nullable InetSocketAddress source, @Nullable InetSocketAddress destination, int length) {

  /** The longest line of version 1, its end included (section 2.1). */
  static final int MAX_LINE = 107;

  private static final byte[] WORD = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final int FIXED = 16;
  private static final int INET4 = 0x11;
  private static final int INET6 = 0x21;
  private static final int UNIX = 0x31;

  /** What the octets so far are. */
  public enum Found {
    /** Perhaps the beginning of a header. */
    MORE,
    /** Something else. */
    NONE,
    /** A broken header. */
    BROKEN,
    /** A header: {@link ProxyHeader#of} reads it. */
    WHOLE
  }

  /** Looks at the octets from the reader index on; takes none. */
  public static Found look(ByteBuf in) {
    if (!in.isReadable()) {
      return Found.MORE;
    }
    byte first = in.getByte(in.readerIndex());
    if (first == WORD[0]) {
      return startsLike(in, WORD) ? lookLine(in) : Found.NONE;
    }
    return first == SIGNATURE[0] && startsLike(in, SIGNATURE) ? lookBinary(in) : Found.NONE;
  }

  private static boolean startsLike(ByteBuf in, byte[] wanted) {
    int length = Math.min(in.readableBytes(), wanted.length);
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private static Found lookLine(ByteBuf in) {
    int end = endOfLine(in);
    if (end < 0) {
      return in.readableBytes() < MAX_LINE ? Found.MORE : Found.BROKEN;
    }
    return line(in, end) == null ? Found.BROKEN : Found.WHOLE;
  }

  /** Octets up to and with the line's end, or −1. */
  private static int endOfLine(ByteBuf in) {
    int most = Math.min(in.readableBytes(), MAX_LINE);
    int feed = in.indexOf(in.readerIndex(), in.readerIndex() + most, (byte) '\n');
    return feed < 0 ? -1 : feed - in.readerIndex() + 1;
  }

  private static @Nullable ProxyHeader line(ByteBuf in, int length) {
    String text = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    if (!text.endsWith("\r\n")) {
      return null;
    }
    String[] words = text.substring(0, length - 2).split(" ", -1);
    if (words[1].equals("UNKNOWN")) {
      return new ProxyHeader(null, null, length); // what follows is to be ignored
    }
    int octets = words[1].equals("TCP4") ? 4 : words[1].equals("TCP6") ? 16 : 0;
    if (octets == 0 || words.length != 6) {
      return null;
    }
    InetSocketAddress source = socket(words[2], words[4], octets);
    InetSocketAddress destination = socket(words[3], words[5], octets);
    return source == null || destination == null
        ? null
        : new ProxyHeader(source, destination, length);
  }

  private static @Nullable InetSocketAddress socket(String address, String port, int octets) {
    boolean plain = port.matches("0|[1-9][0-9]{0,4}") && Integer.parseInt(port) <= 65_535;
    if (!plain || !address.matches("[0-9A-Fa-f.:]+")) {
      return null;
    }
    boolean four = NetUtil.isValidIpV4Address(address);
    if (four != (octets == 4) || (!four && !NetUtil.isValidIpV6Address(address))) {
      return null;
    }
    return socket(NetUtil.createByteArrayFromIpAddressString(address), Integer.parseInt(port));
  }

  private static InetSocketAddress socket(byte[] address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 octets were given", e);
    }
  }

  private static Found lookBinary(ByteBuf in) {
    if (in.readableBytes() < FIXED) {
      return Found.MORE;
    }
    int command = in.getByte(in.readerIndex() + 12) & 0xFF;
    int family = in.getByte(in.readerIndex() + 13) & 0xFF;
    int length = in.getUnsignedShort(in.readerIndex() + 14);
    boolean known =
        command == 0x20
            || (command == 0x21
                && (family == 0
                    || (family == INET4 && length >= 12)
                    || (family == INET6 && length >= 36)
                    || (family == UNIX && length >= 216)));
    if (!known) {
      return Found.BROKEN;
    }
    return in.readableBytes() < FIXED + length ? Found.MORE : Found.WHOLE;
  }

  /** The header that {@link #look} found {@link Found#WHOLE}; takes no octet. */
  public static ProxyHeader of(ByteBuf in) {
    if (in.getByte(in.readerIndex()) == WORD[0]) {
      ProxyHeader line = line(in, endOfLine(in));
      if (line == null) {
        throw new IllegalArgumentException("not a whole header");
      }
      return line;
    }
    int at = in.readerIndex();
    int command = in.getByte(at + 12) & 0xF;
    int family = in.getByte(at + 13) & 0xFF;
    int length = FIXED + in.getUnsignedShort(at + 14); // what follows the addresses is skipped
    if (command == 0 || (family != INET4 && family != INET6)) {
      return new ProxyHeader(null, null, length);
    }
    byte[] address = new byte[family == INET4 ? 4 : 16];
    int ports = at + FIXED + 2 * address.length;
    in.getBytes(at + FIXED, address);
    InetSocketAddress source = socket(address, in.getUnsignedShort(ports));
    in.getBytes(at + FIXED + address.length, address);
    return new ProxyHeader(source, socket(address, in.getUnsignedShort(ports + 2)), length);
  }

  /**
   * Writes the header of version 1 for a client's connection, or for one of our own (null); {@code
   * UNKNOWN} without IP addresses.
   */
  public static void writeText(ByteBuf out, @Nullable ConnectionEnds ends) {
    byte[][] addresses = addresses(ends);
    if (ends == null || addresses.length == 0) {
      out.writeCharSequence("PROXY UNKNOWN\r\n", StandardCharsets.US_ASCII);
      return;
    }
    String text =
        "PROXY TCP%d %s %s %d %d\r\n"
            .formatted(
                addresses[0].length == 4 ? 4 : 6,
                text(addresses[0]),
                text(addresses[1]),
                ((InetSocketAddress) ends.client()).getPort(),
                ((InetSocketAddress) ends.destination()).getPort());
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  /** Java writes an IPv4-mapped IPv6 address as IPv4, which a TCP6 line must not have. */
  private static String text(byte[] address) {
    if (address.length == 16 && mapped(address)) {
      return "::ffff:" + NetUtil.bytesToIpAddress(java.util.Arrays.copyOfRange(address, 12, 16));
    }
    return NetUtil.bytesToIpAddress(address);
  }

  private static boolean mapped(byte[] address) {
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return false;
      }
    }
    return address[10] == -1 && address[11] == -1;
  }

  /** As {@link #writeText}, for version 2; {@code LOCAL} without IP addresses. */
  public static void writeBinary(ByteBuf out, @Nullable ConnectionEnds ends) {
    byte[][] addresses = addresses(ends);
    out.writeBytes(SIGNATURE);
    if (ends == null || addresses.length == 0) {
      out.writeByte(0x20).writeByte(0).writeShort(0);
      return;
    }
    out.writeByte(0x21).writeByte(addresses[0].length == 4 ? INET4 : INET6);
    out.writeShort(2 * addresses[0].length + 4);
    out.writeBytes(addresses[0]).writeBytes(addresses[1]);
    out.writeShort(((InetSocketAddress) ends.client()).getPort());
    out.writeShort(((InetSocketAddress) ends.destination()).getPort());
  }

  /** Both addresses in the family of the wider one; none where an end is no IP socket. */
  private static byte[][] addresses(@Nullable ConnectionEnds ends) {
    if (ends == null
        || !(ends.client() instanceof InetSocketAddress client)
        || !(ends.destination() instanceof InetSocketAddress destination)
        || client.getAddress() == null
        || destination.getAddress() == null) {
      return new byte[0][];
    }
    byte[] from = client.getAddress().getAddress();
    byte[] to = destination.getAddress().getAddress();
    return from.length == to.length ? new byte[][] {from, to} : new byte[][] {wide(from), wide(to)};
  }

  private static byte[] wide(byte[] address) {
    if (address.length == 16) {
      return address;
    }
    byte[] wide = new byte[16];
    wide[10] = -1;
    wide[11] = -1;
    System.arraycopy(address, 0, wide, 12, 4);
    return wide;
  }
}
