package io.sluice.plugin.consistenthash;

/**
 * XXH64 (Y. Collet, xxHash fast digest algorithm, specification 0.1.1) of the octets of a text that
 * has one char per octet, as header values, paths and addresses here do. Reads the text in place
 * and allocates nothing. Of a char above U+00FF the low octet is hashed.
 */
final class XxHash64 {

  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;

  private XxHash64() {}

  static long hash(String text, long seed) {
    return hash(text, 0, text.length(), seed);
  }

  /** The hash of the chars from {@code from} up to, not including, {@code to}. */
  static long hash(String text, int from, int to, long seed) {
    int at = from;
    long hash;
    if (to - from >= 32) {
      long a = seed + PRIME_1 + PRIME_2;
      long b = seed + PRIME_2;
      long c = seed;
      long d = seed - PRIME_1;
      for (; to - at >= 32; at += 32) {
        a = round(a, eight(text, at));
        b = round(b, eight(text, at + 8));
        c = round(c, eight(text, at + 16));
        d = round(d, eight(text, at + 24));
      }
      hash =
          Long.rotateLeft(a, 1)
              + Long.rotateLeft(b, 7)
              + Long.rotateLeft(c, 12)
              + Long.rotateLeft(d, 18);
      hash = merge(merge(merge(merge(hash, a), b), c), d);
    } else {
      hash = seed + PRIME_5;
    }
    return avalanche(rest(text, at, to, hash + (to - from)));
  }

  /** Mixes in the fewer than 32 octets that are left. */
  private static long rest(String text, int from, int to, long mixed) {
    long hash = mixed;
    int at = from;
    for (; to - at >= 8; at += 8) {
      hash = Long.rotateLeft(hash ^ round(0, eight(text, at)), 27) * PRIME_1 + PRIME_4;
    }
    if (to - at >= 4) {
      hash = Long.rotateLeft(hash ^ (four(text, at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
      at += 4;
    }
    for (; at < to; at++) {
      hash = Long.rotateLeft(hash ^ (one(text, at) * PRIME_5), 11) * PRIME_1;
    }
    return hash;
  }

  private static long round(long sum, long octets) {
    return Long.rotateLeft(sum + octets * PRIME_2, 31) * PRIME_1;
  }

  private static long merge(long hash, long sum) {
    return (hash ^ round(0, sum)) * PRIME_1 + PRIME_4;
  }

  private static long avalanche(long mixed) {
    long hash = mixed;
    hash = (hash ^ (hash >>> 33)) * PRIME_2;
    hash = (hash ^ (hash >>> 29)) * PRIME_3;
    return hash ^ (hash >>> 32);
  }

  private static long eight(String text, int at) {
    return four(text, at) | (four(text, at + 4) << 32);
  }

  private static long four(String text, int at) {
    return one(text, at)
        | (one(text, at + 1) << 8)
        | (one(text, at + 2) << 16)
        | (one(text, at + 3) << 24);
  }

  private static long one(String text, int at) {
    return text.charAt(at) & 0xffL;
  }
}
