package io.sluice.core.boot;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the platform meets its surroundings.
 *
 * @param environment what {@code ${NAME}} may refer to
 * @param home where {@code runtime.plugins} is relative to
 * @param version for status, metrics and logs
 * @param commit the commit it was built from, or {@code unknown}
 * @param logLevel told the level of each configuration that is taken
 * @param factories plugins at hand instead of those found, for tests and embedding; null looks for
 *     them
 */
public record PlatformOptions(
    Map<String, String> environment,
    Path home,
    String version,
    String commit,
    Consumer<String> logLevel,
    @Nullable List<? extends io.sluice.api.PluginFactory<?>> factories) {

  /** The surroundings of this process: its environment, plugins below {@code home}. */
  public static PlatformOptions of(Path home) {
    return new PlatformOptions(System.getenv(), home, "0.1.0", "unknown", level -> {}, null);
  }
}
