package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for one of several paths. */
record PathCondition(List<PathPattern> patterns) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    return matched(head.path()) != null;
  }

  /** The first pattern that has {@code path}, or null. */
  @Nullable PathPattern matched(String path) {
    for (PathPattern pattern : patterns) {
      if (pattern.matches(path)) {
        return pattern;
      }
    }
    return null;
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    return "path is " + head.path() + ", not " + Words.anyOf(patterns);
  }

  /** Whether every path that {@code other} takes is taken here. */
  boolean covers(PathCondition other) {
    return other.patterns.stream()
        .allMatch(theirs -> patterns.stream().anyMatch(mine -> mine.covers(theirs)));
  }
}
