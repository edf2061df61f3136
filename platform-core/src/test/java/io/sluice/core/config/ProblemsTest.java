package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemsTest {
  private final Problems problems = new Problems();

  @Test
  void sortsByTheOrderOfReadingAndThenByLine() {
    problems.reading("z.conf");
    problems.reading("a.conf");
    problems.add("other.conf", 1, "", "later", "");
    problems.add("a.conf", 2, "k", "third", "");
    problems.add("z.conf", 10, "k", "second", "");
    problems.add("z.conf", 9, "k", "first", "x");
    assertThat(problems.render())
        .containsExactly(
            "z.conf:9: k: first (expected: x)",
            "z.conf:10: k: second",
            "a.conf:2: k: third",
            "other.conf:1: later");
  }

  @Test
  void keepsAProblemOnce() {
    problems.add("a.conf", 1, "k", "wrong", "");
    problems.add("a.conf", 1, "k", "wrong", "");
    assertThat(problems.size()).isEqualTo(1);
    assertThat(problems.isEmpty()).isFalse();
  }

  @Test
  void aProblemIsOneLineWhateverItsValueHolds() {
    problems.add("a.conf", 1, "k\u001b[31m", "\"a\nb\r\tc\" is no name", "d\u0085");
    assertThat(problems.render())
        .containsExactly(
            "a.conf:1: k\\u001b[31m: \"a\\nb\\r\\tc\" is no name (expected: d\\u0085)");
  }

  @Test
  void anExplanationStandsForWhatFollowsFromIt() {
    problems.add("a.conf", 1, "routes[0].middleware[0]", "unknown middleware \"a b\"", "");
    problems.explain(new Problem("a.conf", 1, "routes[0].middleware", "is one text", ""));
    problems.add("a.conf", 1, "routes[0].middleware", "unknown", "");
    problems.add("a.conf", 1, "routes[0].middlewares", "unknown key", "");
    problems.add("a.conf", 2, "routes[0].middleware", "another line", "");
    assertThat(problems.render())
        .containsExactly(
            "a.conf:1: routes[0].middleware: is one text",
            "a.conf:1: routes[0].middlewares: unknown key",
            "a.conf:2: routes[0].middleware: another line");
  }
}
