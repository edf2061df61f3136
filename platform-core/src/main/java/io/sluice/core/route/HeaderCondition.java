package io.sluice.core.route;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import java.util.List;

/**
 * Asks for a header line with one of several values, compared as a whole.
 *
 * @param values one char per octet; empty: any value will do
 */
record HeaderCondition(HeaderName name, List<String> values) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    Headers headers = head.headers();
    if (values.isEmpty()) {
      return headers.contains(name);
    }
    String first = headers.get(name);
    if (first == null) {
      return false;
    }
    return values.contains(first) || headers.all(name).stream().anyMatch(values::contains);
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    List<String> present = head.headers().all(name);
    return present.isEmpty()
        ? "header " + name + " is absent"
        : "header " + name + " is not " + Words.anyOf(values);
  }

  boolean covers(HeaderCondition other) {
    return name.equals(other.name)
        && (values.isEmpty() || (!other.values.isEmpty() && values.containsAll(other.values)));
  }
}
