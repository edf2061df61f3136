package io.sluice.plugin.peakewma;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number above zero and when it was put down, in one word, so that loops may read and replace
 * both without a lock. Nothing is there at first.
 *
 * <p>Time is kept in ticks of 2²⁰ ns, about a millisecond, and 32 bits: it comes round every 52
 * days. What was not touched for 26 of them counts as fresh until the next answer.
 */
final class Faded {

  private static final int TICK_SHIFT = 20;
  private static final long NOTHING = 0;

  private static final int STEPS_PER_DECAY = 64;

  /** e⁻ˣ, and 0 behind it: by then a ten-millionth is left. */
  private static final double[] TABLE = new double[16 * STEPS_PER_DECAY + 1];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      TABLE[i] = Math.exp(-(double) i / STEPS_PER_DECAY);
    }
  }

  private final double stepsPerTick;
  private final AtomicLong word = new AtomicLong();

  /**
   * @param decayNanos the time in which it fades to 1/e
   */
  Faded(long decayNanos) {
    this.stepsPerTick = STEPS_PER_DECAY * (1 << TICK_SHIFT) / (double) decayNanos;
  }

  /** What there is, to be handed to the other methods. */
  long word() {
    return word.getOpaque();
  }

  /** Puts a number down unless something else was put down since {@code before} was read. */
  boolean replace(long before, double value, long nanos) {
    return word.weakCompareAndSetVolatile(before, pack(value, nanos));
  }

  /** Leaves nothing, unless something else was put down since {@code before} was read. */
  boolean clear(long before) {
    return word.weakCompareAndSetVolatile(before, NOTHING);
  }

  static boolean isNothing(long word) {
    return word == NOTHING;
  }

  /** The number as it was put down. */
  static double value(long word) {
    return Float.intBitsToFloat((int) (word >>> 32));
  }

  /**
   * What is left of it: from 1, when it was just put down, towards 0. To about 3·10⁻⁵, from a
   * table: two of these are part of every pick.
   */
  double freshness(long word, long nanos) {
    int age = tick(nanos) - (int) word;
    if (age <= 0) {
      return 1;
    }
    double at = age * stepsPerTick;
    if (at >= TABLE.length - 1) {
      return 0;
    }
    int step = (int) at;
    double from = TABLE[step];
    return from + (TABLE[step + 1] - from) * (at - step);
  }

  private static long pack(double value, long nanos) {
    return ((long) Float.floatToRawIntBits((float) value) << 32) | (tick(nanos) & 0xffff_ffffL);
  }

  private static int tick(long nanos) {
    return (int) (nanos >>> TICK_SHIFT);
  }
}
