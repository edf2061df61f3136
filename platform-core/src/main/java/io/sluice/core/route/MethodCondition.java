package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.List;

/** Asks for one of several methods. Methods are case-sensitive (RFC 9110 §9.1). */
record MethodCondition(List<String> methods) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    String method = head.method();
    for (int i = 0; i < methods.size(); i++) {
      if (methods.get(i).equals(method)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    return "method is " + head.method() + ", not " + Words.anyOf(methods);
  }

  boolean covers(MethodCondition other) {
    return methods.containsAll(other.methods);
  }
}
