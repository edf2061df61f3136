package io.sluice.plugin.ipfilter;

/**
 * An IP address as 128 bits, IPv4 as the IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), so that one
 * order holds both.
 *
 * @param high the upper half
 * @param low the lower half
 */
record Address(long high, long low) implements Comparable<Address> {

  private static final long MAPPED = 0xffffL << 32;

  /** The address of 4 or 16 octets. */
  static Address of(byte[] octets) {
    if (octets.length == 4) {
      return new Address(0, MAPPED | bits(octets, 0, 4));
    }
    return new Address(bits(octets, 0, 8), bits(octets, 8, 8));
  }

  private static long bits(byte[] octets, int offset, int count) {
    long bits = 0;
    for (int i = offset; i < offset + count; i++) {
      bits = bits << 8 | (octets[i] & 0xff);
    }
    return bits;
  }

  @Override
  public int compareTo(Address other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }
}
