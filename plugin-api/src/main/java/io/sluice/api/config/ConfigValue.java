package io.sluice.api.config;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One typed read, not yet carried out. It ends with {@link #required}, {@link #orElse} or {@link
 * #optional}; before that it may be described, checked and converted.
 *
 * @param <T> what the key reads as
 */
public interface ConfigValue<T> {

  /** Says what the key means, for the configuration reference. One sentence or clause. */
  ConfigValue<T> describe(String meaning);

  /**
   * Refuses values that fail {@code valid}.
   *
   * @param expected completes "expected: …"
   */
  ConfigValue<T> check(Predicate<? super T> valid, String expected);

  /**
   * Converts a value that passed its checks. A conversion that throws {@link
   * IllegalArgumentException} records a problem with the exception's message.
   *
   * @param expected completes "expected: …"
   */
  <R> ConfigValue<R> map(
      Function<? super T, ? extends R> conversion, String expected, R placeholder);

  /** The value; an absent key is a problem, and then a placeholder is answered. */
  T required();

  /** The value, or {@code fallback} where the key is absent or at fault. */
  T orElse(T fallback);

  /** The value, or empty where the key is absent or at fault. */
  Optional<T> optional();
}
