package io.sluice.core.config;

import io.sluice.api.config.ConfigValue;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A read of a block that is really there. Converts once, at the end of the chain. */
final class Read<T> implements ConfigValue<T> {

  /** Turns what stands at a key into what the reader wants. */
  interface Conversion<T> {
    T convert(Node node) throws Refused;
  }

  /** The key being read: what stands there, if anything, and whom to tell about it. */
  interface Subject {
    @Nullable Node node();

    void refused(Refused refused);

    void missing(String expected);
  }

  private final Subject subject;
  private final Conversion<T> conversion;
  private final String expected;
  private final T placeholder;

  Read(Subject subject, Conversion<T> conversion, String expected, T placeholder) {
    this.subject = subject;
    this.conversion = conversion;
    this.expected = expected;
    this.placeholder = placeholder;
  }

  @Override
  public ConfigValue<T> describe(String meaning) {
    return this;
  }

  @Override
  public ConfigValue<T> check(Predicate<? super T> valid, String expected) {
    return new Read<>(subject, node -> checked(node, valid, expected), expected, placeholder);
  }

  private T checked(Node node, Predicate<? super T> valid, String expected) throws Refused {
    T value = conversion.convert(node);
    if (!valid.test(value)) {
      throw Refused.expecting("{} is not accepted", expected);
    }
    return value;
  }

  @Override
  public <R> ConfigValue<R> map(
      Function<? super T, ? extends R> conversion, String expected, R placeholder) {
    return new Read<>(subject, node -> mapped(node, conversion, expected), expected, placeholder);
  }

  private <R> R mapped(Node node, Function<? super T, ? extends R> function, String expected)
      throws Refused {
    T value = conversion.convert(node);
    try {
      return function.apply(value);
    } catch (IllegalArgumentException e) {
      String message = e.getMessage();
      if (message == null || message.isBlank()) {
        throw Refused.expecting("{} is not accepted", expected);
      }
      throw Refused.verbatim(message, expected);
    }
  }

  @Override
  public T required() {
    if (subject.node() == null) {
      subject.missing(expected);
      return placeholder;
    }
    return optional().orElse(placeholder);
  }

  @Override
  public T orElse(T fallback) {
    return optional().orElse(fallback);
  }

  @Override
  public Optional<T> optional() {
    Node node = subject.node();
    if (node == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(conversion.convert(node));
    } catch (Refused refused) {
      subject.refused(refused);
      return Optional.empty();
    }
  }
}
