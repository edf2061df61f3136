package io.sluice.core.boot;

import java.util.List;

/** A configuration was refused. Nothing of it was put into effect. */
public final class ConfigInvalid extends Exception {

  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  ConfigInvalid(List<String> problems) {
    super(String.join("\n", problems), null, false, false);
    this.problems = List.copyOf(problems);
  }

  /** Every problem, located, in the order of the file. */
  public List<String> problems() {
    return problems;
  }
}
