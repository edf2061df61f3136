package io.sluice.core.route;

import io.sluice.api.http.RequestHead;

/** One thing that a route asks of a request. Immutable. */
interface Condition {

  /** Whether the request is as asked. */
  boolean test(RequestHead head, MatchInput input);

  /** What was asked, and what the request has instead; for a request that fails {@link #test}. */
  String whyNot(RequestHead head, MatchInput input);
}
