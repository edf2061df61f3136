package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.List;

/** Asks for one of several listeners. */
record ListenerCondition(List<String> listeners) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    return listeners.contains(input.listener());
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    return "listener is " + input.listener() + ", not " + Words.anyOf(listeners);
  }

  boolean covers(ListenerCondition other) {
    return listeners.containsAll(other.listeners);
  }
}
