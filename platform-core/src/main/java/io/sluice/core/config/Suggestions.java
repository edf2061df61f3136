package io.sluice.core.config;

import java.util.Collection;

/** Words the hints for names that nothing goes by. */
final class Suggestions {
  private static final int MAX_LISTED = 16;

  private Suggestions() {}

  /**
   * The hint for a problem that quotes an unknown name.
   *
   * @param problem for instance {@code unknown upstream "usres"}
   */
  static String forQuoted(String problem, Collection<String> known) {
    int begin = problem.indexOf('"');
    int end = problem.lastIndexOf('"');
    String closest =
        end > begin ? DidYouMean.closest(problem.substring(begin + 1, end), known) : null;
    return closest != null ? Problem.didYouMean(closest) : oneOf(known);
  }

  /** The hint that lists what is known, unless that is too much or nothing. */
  static String oneOf(Collection<String> known) {
    if (known.isEmpty() || known.size() > MAX_LISTED) {
      return "";
    }
    String listed = String.join(", ", known);
    return Problem.expected(known.size() == 1 ? listed : "one of " + listed);
  }
}
