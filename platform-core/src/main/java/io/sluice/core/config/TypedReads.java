package io.sluice.core.config;

import io.sluice.api.config.ConfigValue;
import java.time.Duration;

/** The reads of single values, which differ only in their {@link KeyKind}. */
abstract class TypedReads implements LocatedSection {

  abstract <T> ConfigValue<T> read(String key, KeyKind<T> kind);

  @Override
  public final ConfigValue<String> string(String key) {
    return read(key, KeyKind.text());
  }

  @Override
  public final ConfigValue<Boolean> flag(String key) {
    return read(key, KeyKind.flag());
  }

  @Override
  public final ConfigValue<Long> integer(String key, long min, long max) {
    return read(key, KeyKind.integer(min, max));
  }

  @Override
  public final ConfigValue<Double> number(String key, double min, double max) {
    return read(key, KeyKind.number(min, max));
  }

  @Override
  public final ConfigValue<Double> share(String key, int maxPercent) {
    return read(key, KeyKind.share(maxPercent));
  }

  @Override
  public final ConfigValue<Duration> duration(String key) {
    return read(key, KeyKind.duration());
  }

  @Override
  public final ConfigValue<Duration> timeout(String key) {
    return read(key, KeyKind.timeout());
  }

  @Override
  public final ConfigValue<Long> size(String key) {
    return read(key, KeyKind.size());
  }

  @Override
  public final ConfigValue<Long> sizeBound(String key) {
    return read(key, KeyKind.sizeBound());
  }

  @Override
  public final ConfigValue<Long> bound(String key, long min) {
    return read(key, KeyKind.bound(min));
  }

  @Override
  public final <E extends Enum<E>> ConfigValue<E> choice(String key, Class<E> constants) {
    return read(key, KeyKind.choice(constants));
  }
}
