package io.sluice.distribution.cli;

/** What the process answers to its shell. */
final class ExitCode {

  static final int FINE = 0;
  static final int CONFIG_INVALID = 1;
  static final int USAGE = 2;
  static final int COULD_NOT_START = 3;

  private ExitCode() {}
}
