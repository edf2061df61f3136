package io.sluice.core.upstream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What plugins keep at one endpoint, by the number of their slot. Numbers count over the whole
 * process, while an endpoint has a handful of plugins: so a short list is searched, where an array
 * by number would grow with the count of upstreams at every endpoint of each. Immutable.
 */
final class Slots {

  static final Slots NONE = new Slots(new int[0], new Object[0]);

  private final int[] numbers;
  private final Object[] values;

  private Slots(int[] numbers, Object[] values) {
    this.numbers = numbers;
    this.values = values;
  }

  @Nullable Object get(int number) {
    int at = indexOf(number);
    return at < 0 ? null : values[at];
  }

  /** The same with {@code value} at {@code number}. */
  Slots with(int number, Object value) {
    int at = indexOf(number);
    boolean added = at < 0;
    int length = added ? numbers.length + 1 : numbers.length;
    int[] newNumbers = Arrays.copyOf(numbers, length);
    Object[] newValues = Arrays.copyOf(values, length);
    int to = added ? length - 1 : at;
    newNumbers[to] = number;
    newValues[to] = value;
    return new Slots(newNumbers, newValues);
  }

  private int indexOf(int number) {
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] == number) {
        return i;
      }
    }
    return -1;
  }
}
