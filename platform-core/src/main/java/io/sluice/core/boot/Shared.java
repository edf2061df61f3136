package io.sluice.core.boot;

import io.sluice.core.plugin.PluginCode;
import io.sluice.core.plugin.PluginRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Something that successive generations may have in common: an upstream, a plugin. Closed when the
 * last of them lets go.
 *
 * @param <T> what is shared
 */
final class Shared<T> {

  private final String identity;
  private final PluginCode code;
  private final T value;
  private final Runnable closer;
  private final AtomicInteger holders = new AtomicInteger();

  /**
   * Something that no generation holds yet.
   *
   * @param identity kind, name and canonical configuration
   * @param code the plugins it was made of
   */
  Shared(String identity, PluginCode code, T value, Runnable closer) {
    this.identity = identity;
    this.code = code;
    this.value = value;
    this.closer = closer;
  }

  /** What makes two of them the same: kind, name, canonical configuration and code. */
  String identity() {
    return identity + " of " + code;
  }

  /**
   * Whether the same would be made again from {@code wanted} and the plugins of {@code registry}.
   */
  boolean isTheSame(String wanted, PluginRegistry registry) {
    return identity.equals(wanted) && code.isIn(registry);
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
