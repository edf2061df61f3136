package io.sluice.core.config;

import io.sluice.api.config.ConfigValue;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** A read that only leaves a record. */
final class RecordedRead<T> implements ConfigValue<T> {
  private final KeyRecorder recorder;
  private final String path;
  private final String type;
  private final T placeholder;
  private final boolean nested;
  private final Function<? super T, String> show;
  private String meaning = "";

  /**
   * @param nested whether the placeholder records further reads and so is answered even where the
   *     code would take a fallback
   */
  RecordedRead(
      KeyRecorder recorder,
      String path,
      String type,
      T placeholder,
      boolean nested,
      Function<? super T, String> show) {
    this.recorder = recorder;
    this.path = path;
    this.type = type;
    this.placeholder = placeholder;
    this.nested = nested;
    this.show = show;
  }

  @Override
  public ConfigValue<T> describe(String meaning) {
    this.meaning = meaning;
    return this;
  }

  @Override
  public ConfigValue<T> check(Predicate<? super T> valid, String expected) {
    return this;
  }

  @Override
  public <R> ConfigValue<R> map(
      Function<? super T, ? extends R> conversion, String expected, R placeholder) {
    R answer = nested ? converted(conversion, placeholder) : placeholder;
    ConfigValue<R> mapped =
        new RecordedRead<>(recorder, path, type, answer, nested, RecordedRead::showAny);
    return mapped.describe(meaning);
  }

  /** Converts a nested placeholder, because the conversion may read on inside it. */
  private <R> R converted(Function<? super T, ? extends R> conversion, R placeholder) {
    try {
      return conversion.apply(this.placeholder);
    } catch (IllegalArgumentException e) {
      return placeholder;
    }
  }

  private static String showAny(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(RecordedRead::showAny).orElse("");
    }
    if (value instanceof Duration duration) {
      return Quantities.render(duration);
    }
    return value.toString();
  }

  @Override
  public T required() {
    keep("", true);
    return placeholder;
  }

  @Override
  public T orElse(T fallback) {
    keep(show.apply(fallback), false);
    return nested ? placeholder : fallback;
  }

  @Override
  public Optional<T> optional() {
    keep("", false);
    return Optional.of(placeholder);
  }

  private void keep(String fallback, boolean required) {
    recorder.keep(new KeyDoc(path, type, fallback, meaning, required));
  }
}
