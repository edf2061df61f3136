package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.List;

/** Asks for one of several hosts. */
record HostCondition(List<HostPattern> patterns) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    String host = HostPattern.withoutRootDot(head.host());
    for (HostPattern pattern : patterns) {
      if (pattern.matches(host)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    return "host is " + head.host() + ", not " + Words.anyOf(patterns);
  }

  /** Whether every host that {@code other} takes is taken here. */
  boolean covers(HostCondition other) {
    return other.patterns.stream()
        .allMatch(theirs -> patterns.stream().anyMatch(mine -> mine.covers(theirs)));
  }
}
