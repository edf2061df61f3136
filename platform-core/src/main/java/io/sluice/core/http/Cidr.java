package io.sluice.core.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A block of addresses (RFC 4632, RFC 4291 §2.3), or a single one. Immutable. An IPv4-mapped IPv6
 * address counts as the IPv4 address that it stands for, on either side of a comparison; apart from
 * that a block has addresses of its own family only, so {@code ::/0} has no IPv4 address.
 */
public final class Cidr {

  private static final int MAPPED_BITS = 96;
  private static final long MAPPED_PREFIX = 0xffffL << 32;

  private final boolean ipv4;
  private final long high;
  private final long low;
  private final long highMask;
  private final long lowMask;
  private final String text;

  private Cidr(Words address, int prefix, String text) {
    this.ipv4 = address.ipv4();
    this.highMask = prefix >= 64 ? -1L : mask(prefix);
    this.lowMask = prefix >= 64 ? mask(prefix - 64) : 0;
    this.high = address.high() & highMask;
    this.low = address.low() & lowMask;
    this.text = text;
  }

  /** A mask of the {@code bits} highest bits. */
  private static long mask(int bits) {
    return bits == 0 ? 0 : -1L << (64 - bits);
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a literal address, which stands for itself
   * alone. Bits behind the prefix are ignored. A name is never looked up.
   *
   * @throws IllegalArgumentException when {@code text} is none of these; the message says why
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw new IllegalArgumentException("\"" + text + "\" is not an address or a CIDR block");
    }
    Words words = Words.of(address);
    int width = words.ipv4() && text.indexOf(':') < 0 ? 32 : 128;
    int prefix = slash < 0 ? width : prefix(text, slash + 1, width);
    if (width == 32) {
      prefix += MAPPED_BITS;
    } else if (words.ipv4() && prefix < MAPPED_BITS) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is an IPv4-mapped block with a prefix shorter than 96");
    }
    return new Cidr(words, prefix, text);
  }

  private static int prefix(String text, int from, int width) {
    int digits = text.length() - from;
    int prefix = -1;
    if (digits >= 1 && digits <= 3 && text.chars().skip(from).allMatch(c -> c >= '0' && c <= '9')) {
      prefix = Integer.parseInt(text, from, text.length(), 10);
    }
    if (prefix < 0 || prefix > width) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has no prefix length from 0 to " + width + " behind its slash");
    }
    return prefix;
  }

  /**
   * The address that {@code text} writes: dotted decimal without leading zeros, or IPv6 (RFC 4291
   * §2.2) without a zone. Null for all else; a name is never looked up.
   */
  public static @Nullable InetAddress literal(String text) {
    boolean valid =
        text.indexOf(':') < 0
            ? NetUtil.isValidIpV4Address(text) && !hasLeadingZero(text)
            : text.indexOf('%') < 0 && text.indexOf('[') < 0 && NetUtil.isValidIpV6Address(text);
    if (!valid) {
      return null;
    }
    try {
      return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of a wrong length", e);
    }
  }

  private static boolean hasLeadingZero(String ipv4) {
    for (int i = 0; i + 1 < ipv4.length(); i++) {
      boolean first = i == 0 || ipv4.charAt(i - 1) == '.';
      if (first && ipv4.charAt(i) == '0' && ipv4.charAt(i + 1) != '.') {
        return true;
      }
    }
    return false;
  }

  /** Whether {@code address} is in the block. */
  public boolean contains(InetAddress address) {
    return contains(Words.of(address));
  }

  private boolean contains(Words words) {
    return words.ipv4() == ipv4
        && (words.high() & highMask) == high
        && (words.low() & lowMask) == low;
  }

  /** Whether every address of {@code other} is in this block. */
  public boolean contains(Cidr other) {
    return other.ipv4 == ipv4
        && (highMask & other.highMask) == highMask
        && (lowMask & other.lowMask) == lowMask
        && (other.high & highMask) == high
        && (other.low & lowMask) == low;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Cidr that && contains(that) && that.contains(this);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(high * 31 + low) + Long.hashCode(highMask ^ Long.rotateLeft(lowMask, 7));
  }

  /** The block as it was written. */
  @Override
  public String toString() {
    return text;
  }

  /** An address as 128 bits, IPv4 mapped. */
  private record Words(boolean ipv4, long high, long low) {

    static Words of(InetAddress address) {
      byte[] octets = address.getAddress();
      if (octets.length == 4) {
        return new Words(true, 0, MAPPED_PREFIX | word(octets, 0, 4));
      }
      long high = word(octets, 0, 8);
      long low = word(octets, 8, 8);
      return new Words(high == 0 && low >>> 32 == 0xffff, high, low);
    }

    private static long word(byte[] octets, int from, int count) {
      long word = 0;
      for (int i = from; i < from + count; i++) {
        word = word << 8 | (octets[i] & 0xff);
      }
      return word;
    }
  }
}
