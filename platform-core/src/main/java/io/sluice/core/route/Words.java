package io.sluice.core.route;

import java.util.Collection;
import java.util.stream.Collectors;

/** Wording of explanations. */
final class Words {

  private Words() {}

  /** {@code a}, or {@code one of a, b}. */
  static String anyOf(Collection<?> values) {
    return values.size() == 1 ? listed(values) : "one of " + listed(values);
  }

  /** {@code a, b}. */
  static String listed(Collection<?> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
