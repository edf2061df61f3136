package io.sluice.distribution.cli;

import java.util.List;

/** Ends a command: the lines to print on standard error and the exit code. Has no stack. */
final class Refusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final transient List<String> lines;

  private Refusal(int exitCode, List<String> lines) {
    super(String.join("\n", lines), null, false, false);
    this.exitCode = exitCode;
    this.lines = List.copyOf(lines);
  }

  /** The config was read and is wrong: one line for each problem. */
  static Refusal configInvalid(List<String> problems) {
    return new Refusal(ExitCode.CONFIG_INVALID, problems);
  }

  /** The environment does not allow it: a port is taken, a file cannot be read, no admin API. */
  static Refusal couldNotStart(String line) {
    return new Refusal(ExitCode.COULD_NOT_START, List.of("sluice: " + line));
  }

  int exitCode() {
    return exitCode;
  }

  List<String> lines() {
    return lines;
  }
}
