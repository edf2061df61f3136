package io.sluice.core.config;

/** A value that cannot be what its key needs. Stackless: it is an answer, not a failure. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;
  private static final String VALUE = "{}";

  private final String problem;
  private final String hint;
  private final boolean template;

  private Refused(String problem, String hint, boolean template) {
    super(problem, null, false, false);
    this.problem = problem;
    this.hint = hint;
    this.template = template;
  }

  /**
   * @param problem may contain {@code {}} once, for the value
   */
  static Refused expecting(String problem, String expected) {
    return new Refused(problem, Problem.expected(expected), true);
  }

  /**
   * @param problem may contain {@code {}} once, for the value
   */
  static Refused suggesting(String problem, String name) {
    return new Refused(problem, Problem.didYouMean(name), true);
  }

  /** Takes a problem that somebody else worded, as it is. */
  static Refused verbatim(String problem, String expected) {
    return new Refused(problem, Problem.expected(expected), false);
  }

  /** The problems are recorded already; the read only answers its placeholder. */
  static Refused reported() {
    return new Refused("", "", false);
  }

  /** The same, where {@code word} would have been right too. */
  Refused orWord(String word) {
    return hint.startsWith("expected: ")
        ? new Refused(problem, hint + ", or " + word, template)
        : this;
  }

  boolean isReported() {
    return problem.isEmpty();
  }

  /**
   * @param shown the value as it may be shown
   */
  String problem(String shown) {
    return template ? problem.replace(VALUE, shown) : problem;
  }

  /** The problem with a secret: words that are not ours might repeat it. */
  String problemWithSecret() {
    return template ? problem.replace(VALUE, "the value") : "the value is not accepted";
  }

  String hint() {
    return hint;
  }
}
