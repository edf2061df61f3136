package io.sluice.core.boot;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Something that successive generations may have in common: an upstream, a plugin. Closed when the
 * last of them lets go.
 *
 * @param <T> what is shared
 */
final class Shared<T> {

  private final String identity;
  private final T value;
  private final Runnable closer;
  private final AtomicInteger holders = new AtomicInteger();

  Shared(String identity, T value, Runnable closer) {
    this.identity = identity;
    this.value = value;
    this.closer = closer;
  }

  /** What makes two of them the same: kind, name, canonical configuration and code. */
  String identity() {
    return identity;
  }

  T value() {
    return value;
  }

  void hold() {
    holders.incrementAndGet();
  }

  void letGo() {
    if (holders.decrementAndGet() == 0) {
      closer.run();
    }
  }

  /** Closes it, if no generation ever held it. */
  void discard() {
    if (holders.get() == 0) {
      closer.run();
    }
  }
}
