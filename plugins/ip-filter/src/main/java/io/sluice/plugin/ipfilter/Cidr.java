package io.sluice.plugin.ipfilter;

/**
 * A block of addresses, written as a literal with a prefix length (RFC 4632, RFC 4291 §2.3) or as a
 * single address. Names are never resolved.
 *
 * @param first the lowest address
 * @param last the highest address
 */
record Cidr(Address first, Address last) {

  /** What one may be, to complete "expected: …". */
  static final String EXPECTED = "an address or CIDR such as 10.0.0.0/8 or 2001:db8::/32";

  /**
   * Reads a block.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    byte[] octets = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash));
    if (octets == null) {
      throw new IllegalArgumentException("\"" + text + "\" is not an IP address or CIDR");
    }
    int bits = 8 * octets.length;
    int prefix = slash < 0 ? bits : prefix(text, text.substring(slash + 1), bits);
    byte[] first = octets.clone();
    byte[] last = octets.clone();
    for (int bit = prefix; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      first[bit >> 3] &= (byte) ~mask;
      last[bit >> 3] |= (byte) mask;
    }
    Cidr cidr = new Cidr(Address.of(first), Address.of(last));
    if (!Address.of(octets).equals(cidr.first)) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has bits set behind its prefix of " + prefix);
    }
    return cidr;
  }

  private static int prefix(String text, String digits, int bits) {
    if (digits.matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(digits) <= bits) {
      return Integer.parseInt(digits);
    }
    throw new IllegalArgumentException("\"" + text + "\" has no prefix length from 0 to " + bits);
  }
}
