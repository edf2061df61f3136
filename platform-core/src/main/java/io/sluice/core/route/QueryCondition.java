package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a query parameter with one of several values. Names and values are compared after
 * decoding: escapes, and a plus sign for a space.
 *
 * @param name one char per octet of its UTF-8 form, as are the values
 * @param values empty: any value will do
 */
record QueryCondition(String name, List<String> values) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    String query = head.query();
    return query != null && test(query);
  }

  private boolean test(String query) {
    int from = 0;
    while (from <= query.length()) {
      int ampersand = query.indexOf('&', from);
      int end = ampersand < 0 ? query.length() : ampersand;
      int equals = query.indexOf('=', from);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      if (decodesTo(query, from, nameEnd, name) && hasValue(query, nameEnd + 1, end)) {
        return true;
      }
      from = end + 1;
    }
    return false;
  }

  private boolean hasValue(String query, int from, int end) {
    if (values.isEmpty()) {
      return true;
    }
    for (int i = 0; i < values.size(); i++) {
      if (decodesTo(query, Math.min(from, end), end, values.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the chars from {@code from} to {@code end} decode to {@code wanted}. */
  private static boolean decodesTo(String query, int from, int end, String wanted) {
    int at = from;
    int matched = 0;
    while (at < end) {
      char c = query.charAt(at);
      int octet = c == '%' ? octet(query, at, end) : c == '+' ? ' ' : c;
      at += octet >= 0 && c == '%' ? 3 : 1;
      if (matched == wanted.length() || (octet < 0 ? c : octet) != wanted.charAt(matched++)) {
        return false;
      }
    }
    return matched == wanted.length();
  }

  /** The octet escaped at {@code at}, or -1 where no escape is. */
  private static int octet(String query, int at, int end) {
    if (at + 2 >= end) {
      return -1;
    }
    int high = Character.digit(query.charAt(at + 1), 16);
    int low = Character.digit(query.charAt(at + 2), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    @Nullable String query = head.query();
    boolean present = query != null && new QueryCondition(name, List.of()).test(query);
    return present
        ? "query parameter " + name + " is not " + Words.anyOf(values)
        : "query parameter " + name + " is absent";
  }

  boolean covers(QueryCondition other) {
    return name.equals(other.name)
        && (values.isEmpty() || (!other.values.isEmpty() && values.containsAll(other.values)));
  }
}
