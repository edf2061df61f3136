package io.sluice.core.route;

/** Finds the whole segments that every match of an anchored expression begins with. */
final class RegexPrefix {

  private RegexPrefix() {}

  /**
   * For {@code ^/api/v[0-9]+} it is {@code /api/}. Empty where an expression is not anchored, or
   * says things that this does not follow.
   */
  static String of(String expression) {
    if (!expression.startsWith("^/") || expression.indexOf('|') >= 0) {
      return "";
    }
    int end = 1;
    while (end < expression.length() && isLiteral(expression.charAt(end))) {
      end++;
    }
    boolean quantified = end < expression.length() && "*?{".indexOf(expression.charAt(end)) >= 0;
    int slash = expression.lastIndexOf('/', quantified ? end - 2 : end - 1);
    return slash < 1 ? "" : expression.substring(1, slash + 1);
  }

  private static boolean isLiteral(char c) {
    return c == '/'
        || c == '-'
        || c == '_'
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9');
  }
}
