package io.sluice.core.plugin;

import org.jspecify.annotations.Nullable;

/**
 * A provider that may not be used.
 *
 * @param kind what it would make
 * @param type the name it goes by, or null when it did not come to say
 * @param source the jar that names it
 * @param className the factory
 * @param reason a clause without a full stop
 */
record Refusal(
    PluginKind kind, @Nullable String type, String source, String className, String reason) {

  /** One line for people. */
  String text() {
    return source + ": " + className + " (" + kind.words() + "): " + reason;
  }
}
