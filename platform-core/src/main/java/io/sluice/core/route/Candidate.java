package io.sluice.core.route;

import io.sluice.api.http.RequestHead;

/** A route at a place of the index that stands for its host and, mostly, its path. */
final class Candidate {

  final Route route;
  final int index;

  /** The path is not settled by the place; regular expressions are. */
  private final boolean checkPath;

  Candidate(Route route, boolean checkPath) {
    this.route = route;
    this.index = route.index();
    this.checkPath = checkPath;
  }

  /** Whether it takes every request that comes to this place. */
  boolean takesAll() {
    return !checkPath && route.unconditional();
  }

  /** Whether it takes a request that came to this place. */
  boolean takes(RequestHead head, MatchInput input) {
    PathCondition path = route.config().match().path();
    if (checkPath && path != null && !path.test(head, input)) {
      return false;
    }
    return route.takes(head, input);
  }
}
