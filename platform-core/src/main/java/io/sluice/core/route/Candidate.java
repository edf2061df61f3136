package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** A route at a place of the index that stands for its host and, mostly, its path. */
final class Candidate {

  final Route route;
  final int index;

  /** Not settled by the place, for a regular expression. */
  private final @Nullable PathCondition path;

  private final boolean takesAll;

  /**
   * A candidate.
   *
   * @param checkPath whether its path condition must be looked at all the same
   */
  Candidate(Route route, boolean checkPath) {
    this.route = route;
    this.index = route.index();
    this.path = checkPath ? route.config().match().path() : null;
    this.takesAll = path == null && route.unconditional();
  }

  /** Whether it takes every request that comes to this place. */
  boolean takesAll() {
    return takesAll;
  }

  /** Whether it takes a request that came to this place. */
  boolean takes(RequestHead head, MatchInput input) {
    return takesAll || ((path == null || path.test(head, input)) && route.takes(head, input));
  }
}
