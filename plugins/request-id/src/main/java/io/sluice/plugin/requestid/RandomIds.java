package io.sluice.plugin.requestid;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/**
 * Makes ids of 122 to 128 random bits. Unique, not secret: each thread has a fast generator, seeded
 * from a secure one, and a secure salt of the process keeps two processes apart. No lock, no wait.
 */
final class RandomIds {

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final long salt;
  private final ThreadLocal<SplittableRandom> generators;

  RandomIds() {
    SecureRandom secure = new SecureRandom();
    salt = secure.nextLong();
    generators = ThreadLocal.withInitial(() -> new SplittableRandom(secure.nextLong()));
  }

  String next(RequestIdConfig.Format format) {
    SplittableRandom generator = generators.get();
    long high = generator.nextLong() ^ salt;
    long low = generator.nextLong();
    return format == RequestIdConfig.Format.UUID ? uuid(high, low) : hex(high, low);
  }

  /** A version 4 UUID (RFC 9562 §5.4): six bits say so, the others are the given ones. */
  static String uuid(long high, long low) {
    char[] text = new char[36];
    long first = (high & ~0xF000L) | 0x4000L;
    long second = (low & ~(0b11L << 62)) | (0b10L << 62);
    int at = 0;
    for (int digit = 0; digit < 32; digit++) {
      if (digit == 8 || digit == 12 || digit == 16 || digit == 20) {
        text[at++] = '-';
      }
      text[at++] = digit(first, second, digit);
    }
    return new String(text);
  }

  static String hex(long high, long low) {
    char[] text = new char[32];
    for (int digit = 0; digit < 32; digit++) {
      text[digit] = digit(high, low, digit);
    }
    return new String(text);
  }

  private static char digit(long high, long low, int index) {
    long half = index < 16 ? high : low;
    return HEX[(int) (half >>> (60 - 4 * (index & 15))) & 15];
  }
}
