package io.sluice.core.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects what is wrong with one configuration, so that one look shows everything. A problem is
 * kept once, and a problem at a place that was already explained by a hint about the notation is
 * not kept: one cause, one line.
 *
 * <p>Used on the configuration thread only.
 */
public final class Problems {
  private final Map<String, Integer> files = new HashMap<>();
  private final Set<Problem> problems = new LinkedHashSet<>();
  private final Set<Problem> explanations = new LinkedHashSet<>();

  /** Keeps a problem. */
  public void add(Problem problem) {
    if (!isExplained(problem)) {
      problems.add(problem);
    }
  }

  /**
   * Keeps a problem.
   *
   * @param expected completes "expected: …"; may be empty
   */
  public void add(String file, int line, String path, String text, String expected) {
    add(new Problem(file, line, path, text, Problem.expected(expected)));
  }

  /** Whether nothing is wrong. */
  public boolean isEmpty() {
    return problems.isEmpty();
  }

  /** How many problems there are. */
  public int size() {
    return problems.size();
  }

  /** The problems by place: the files in the order they were read, then by line. */
  public List<Problem> sorted() {
    List<Problem> sorted = new ArrayList<>(problems);
    sorted.sort(
        Comparator.<Problem>comparingInt(p -> files.getOrDefault(p.file(), Integer.MAX_VALUE))
            .thenComparing(Problem::file)
            .thenComparingInt(Problem::line));
    return List.copyOf(sorted);
  }

  /** The problems by place, each as {@code FILE:LINE: PATH: PROBLEM (HINT)}. */
  public List<String> render() {
    return sorted().stream().map(Problem::render).toList();
  }

  /** Says that {@code file} is read next; the order of these calls is the order of the report. */
  void reading(String file) {
    files.putIfAbsent(file, files.size());
  }

  /** Keeps a problem that explains whatever else is found on the same line below the same path. */
  void explain(Problem problem) {
    problems.removeIf(known -> covers(problem, known));
    problems.add(problem);
    explanations.add(problem);
  }

  /** Forgets a problem that turned out to be the shadow of another. */
  void remove(Problem problem) {
    problems.remove(problem);
  }

  /** Whether a notation hint stands on this line. */
  boolean explains(String file, int line) {
    return explanations.stream().anyMatch(p -> p.file().equals(file) && p.line() == line);
  }

  private boolean isExplained(Problem problem) {
    return explanations.stream().anyMatch(known -> covers(known, problem));
  }

  private static boolean covers(Problem explanation, Problem problem) {
    return explanation.file().equals(problem.file())
        && explanation.line() == problem.line()
        && (problem.path().equals(explanation.path())
            || problem.path().startsWith(explanation.path() + ".")
            || problem.path().startsWith(explanation.path() + "["));
  }
}
