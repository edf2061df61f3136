package io.sluice.distribution.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of the process, looked at before the command-line parser is loaded: the parser is
 * the slower half of a start, and starting the proxy needs none of it.
 *
 * @param kind which way to go
 * @param config of {@link Kind#SERVE}: the config to run, or null for the default one
 */
record Invocation(Kind kind, @Nullable Path config) {

  /** The ways through the program. */
  enum Kind {
    /** Just run the proxy. */
    SERVE,
    /** Parse; what comes lives long. */
    LONG,
    /** Parse; what comes answers and ends. */
    BRIEF
  }

  private static final Set<String> BRIEF_COMMANDS =
      Set.of(
          "check",
          "explain",
          "plugins",
          "reload",
          "drain",
          "status",
          "version",
          "completion",
          "help");

  static Invocation of(String... arguments) {
    if (arguments.length == 0
        || arguments[0].startsWith("-")
        || BRIEF_COMMANDS.contains(arguments[0])) {
      return new Invocation(Kind.BRIEF, null);
    }
    if (arguments[0].equals("run")) {
      return arguments.length == 1
          ? new Invocation(Kind.SERVE, null)
          : arguments.length == 2 && !arguments[1].startsWith("-")
              ? new Invocation(Kind.SERVE, Path.of(arguments[1]))
              : new Invocation(Kind.LONG, null);
    }
    return arguments.length == 1 && looksLikeFile(arguments[0])
        ? new Invocation(Kind.SERVE, Path.of(arguments[0]))
        : new Invocation(Kind.LONG, null);
  }

  /** Whether {@code sluice ARGUMENT} can mean a file, rather than only a mistyped command. */
  private static boolean looksLikeFile(String argument) {
    return argument.indexOf('.') >= 0
        || argument.indexOf('/') >= 0
        || argument.indexOf('\\') >= 0
        || (!argument.equals("demo") && Files.exists(Path.of(argument)));
  }
}
