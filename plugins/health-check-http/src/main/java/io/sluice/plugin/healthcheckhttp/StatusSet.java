package io.sluice.plugin.healthcheckhttp;

import java.util.BitSet;
import java.util.List;

/** A set of status codes, written as codes and ranges: {@code 200-299}, {@code 404}. Immutable. */
final class StatusSet {

  /** What one member of the list may be, to complete "expected: …". */
  static final String EXPECTED = "a status code or a range, such as 200 or 200-299";

  private final BitSet codes;
  private final String text;

  private StatusSet(BitSet codes, String text) {
    this.codes = codes;
    this.text = text;
  }

  /**
   * Reads the members.
   *
   * @throws IllegalArgumentException naming the member at fault
   */
  static StatusSet of(List<String> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("the list is empty");
    }
    BitSet codes = new BitSet(600);
    for (String member : members) {
      int dash = member.indexOf('-');
      int first = code(member, dash < 0 ? member : member.substring(0, dash));
      int last = dash < 0 ? first : code(member, member.substring(dash + 1));
      if (last < first) {
        throw new IllegalArgumentException("\"" + member + "\" ends before it begins");
      }
      codes.set(first, last + 1);
    }
    return new StatusSet(codes, String.join(", ", members));
  }

  private static int code(String member, String digits) {
    String trimmed = digits.trim();
    if (trimmed.length() == 3 && trimmed.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int code = Integer.parseInt(trimmed);
      if (code >= 100 && code <= 599) {
        return code;
      }
    }
    throw new IllegalArgumentException("\"" + member + "\" is not a status code or a range");
  }

  boolean contains(int status) {
    return codes.get(status);
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}
