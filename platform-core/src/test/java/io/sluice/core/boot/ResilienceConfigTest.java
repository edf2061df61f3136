package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be said of hedging, priorities and deadlines that are told, and what may not. */
class ResilienceConfigTest {

  @TempDir Path home;

  private List<String> check(String upstream, String route) throws Exception {
    return Running.problems(
        home,
        """
        upstreams.app { endpoints = ["127.0.0.1:1"], %s }
        routes = [ { upstream = app, %s } ]
        access-log = off, admin.bind = "127.0.0.1:0", listeners.web.bind = "127.0.0.1:0"
        """
            .formatted(upstream, route));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hedge = off",
        "hedge { after = 50ms }",
        "hedge.after = p50",
        "hedge.after = p99.9",
        "hedge { after = p95, min-samples = 10, budget { ratio = 0%, per-second = 0 } }",
        "hedge { after = 23h, budget { ratio = 100%, per-second = 1000000 } }"
      })
  void takesHedgesOfUpstreamsAndRoutes(String hedge) throws Exception {
    assertThat(check(hedge, hedge)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "priority = critical",
        "priority = high",
        "priority = normal",
        "priority = low",
        "timeouts.propagate = off",
        "timeouts { request = 5s, propagate = X-Request-Timeout-Ms }",
        "timeouts { request = 5s, propagate = grpc-timeout }"
      })
  void takesPrioritiesAndDeadlinesOfRoutes(String route) throws Exception {
    assertThat(check("", route)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hedge = on | hedge: \"on\" is no block (expected: off or { after = 50ms })",
        "hedge {} | hedge.after: is missing (expected: a duration above 0, or a percentile from p50"
            + " to p99.9)",
        "hedge.after = p101 | hedge.after: \"p101\" is out of range (expected: p50 to p99.9, or a"
            + " duration)",
        "hedge.after = p49 | hedge.after: \"p49\" is out of range (expected: p50 to p99.9, or a"
            + " duration)",
        "hedge.after = p99.99 | hedge.after: \"p99.99\" is out of range (expected: p50 to p99.9, or"
            + " a duration)",
        "hedge.after = 0 | hedge.after: \"0\" is not accepted (expected: a duration above 0, or a"
            + " percentile from p50 to p99.9)",
        "hedge.after = 1d | hedge.after: \"1d\" is not accepted (expected: a duration above 0, or a"
            + " percentile from p50 to p99.9)",
        "hedge.after = soon | hedge.after: \"soon\" is not a duration (expected: a duration such as"
            + " 250ms, 30s or 1h30m)",
        "hedge.after = 50 | hedge.after: \"50\" has no unit (expected: 50s or 50ms)",
        "hedge { after = p95, min-samples = 9 } | hedge.min-samples: \"9\" is out of range"
            + " (expected: a whole number from 10 to 1000000)",
        "hedge { after = p95, budget.ratio = 0.1 } | hedge.budget.ratio: \"0.1\" has no unit"
            + " (expected: 10%)",
        "hedge { after = p95, budget.per-second = -1 } | hedge.budget.per-second: \"-1\" is out of"
            + " range (expected: a whole number from 0 to 1000000)",
        "hedge { after = p95, percentile = 95 } | hedge.percentile: unknown key (expected: one of"
            + " after, budget, min-samples)"
      })
  void refusesOtherHedges(String hedge, String problem) throws Exception {
    assertThat(check(hedge, "")).containsExactly("sluice.conf:1: upstreams.app." + problem);
    assertThat(check("", hedge)).containsExactly("sluice.conf:2: routes[0]." + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "priority = hgih | priority: unknown choice \"hgih\" (did you mean \"high\"?)",
        "priority = 1 | priority: unknown choice \"1\" (expected: one of critical, high, normal,"
            + " low)",
        "timeouts.propagate = \"two words\" | timeouts.propagate: \"two words\" is not accepted"
            + " (expected: a field name such as X-Request-Timeout-Ms, or off)",
        "timeouts.propagate = Host | timeouts.propagate: \"Host\" is not accepted (expected: a"
            + " field name such as X-Request-Timeout-Ms, or off)",
        "timeouts.propagate = [X-Timeout] | timeouts.propagate: is a list (expected: a text)"
      })
  void refusesOtherPrioritiesAndFields(String route, String problem) throws Exception {
    assertThat(check("", route)).containsExactly("sluice.conf:2: routes[0]." + problem);
  }

  @Test
  void anUpstreamHasNoPriorityAndTellsNoDeadline() throws Exception {
    assertThat(check("priority = high, timeouts.propagate = X-Timeout", ""))
        .allMatch(problem -> problem.contains("unknown key"))
        .map(problem -> problem.split(": ")[1])
        .containsExactlyInAnyOrder("upstreams.app.priority", "upstreams.app.timeouts.propagate");
  }
}
