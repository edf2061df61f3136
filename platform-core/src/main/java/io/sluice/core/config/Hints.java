package io.sluice.core.config;

import java.util.List;

/** Words the hints about notations that HOCON takes for something else than was meant. */
final class Hints {
  private final String file;
  private final String text;
  private final Problems problems;

  /**
   * @param text what stands in the file
   */
  Hints(String file, String text, Problems problems) {
    this.file = file;
    this.text = text;
    this.problems = problems;
  }

  void notAFile(String path, Place place) {
    explain(path, place.line(), "only files can be included", "include \"FILE\"");
  }

  void joinedBlocks(String path, Token second) {
    String expected = "a comma or a new line between the blocks";
    explain(path, second.line(), "two blocks side by side become one", expected);
  }

  void substitutionInQuotes(String path, Token quoted) {
    String content = quoted.text();
    int start = content.indexOf("${");
    int end = content.indexOf('}', Math.max(start, 0));
    if (start < 0 || end < start) {
      return;
    }
    String substitution = content.substring(start, end + 1);
    String before = start == 0 ? "" : "\"…\"";
    String after = end + 1 == content.length() ? "" : "\"…\"";
    explain(
        path,
        quoted.line(),
        substitution + " inside quotes is plain text",
        before + substitution + after + ", or \"\"\"…\"\"\" to mean it literally");
  }

  void colon(String path, Token first) {
    String expected = inQuotes(path, first.start());
    explain(path, first.line(), "an unquoted colon ends the value", expected);
  }

  /**
   * @param first the first piece of the value, or the separator before a value that is not there
   */
  void swallowed(String path, Token first) {
    int start = first.isSeparator() ? first.end() : first.start();
    while (text.charAt(start) == ' ' || text.charAt(start) == '\t') {
      start++;
    }
    explain(path, first.line(), "everything after // is a comment", inQuotes(path, start));
  }

  void oneTextForSeveral(String path, List<Token> words) {
    boolean apart = words.stream().skip(1).allMatch(Token::spaceBefore);
    if (words.size() < 2 || !apart || isQuantity(words.get(0))) {
      return;
    }
    List<String> texts = words.stream().map(Token::text).toList();
    boolean secret = Secrets.isSecretPath(path);
    explain(
        path,
        words.get(0).line(),
        "is one text" + (secret ? "" : ", " + Secrets.shown(String.join(" ", texts))),
        "commas" + (secret ? "" : ", as in " + String.join(", ", texts)));
  }

  /** {@code [10 ms, 20 ms]} is fine. */
  private static boolean isQuantity(Token word) {
    return !word.text().isEmpty() && Character.isDigit(word.text().charAt(0));
  }

  void replacedRoutes(String path, Token bracket, Place earlier) {
    explain(
        path,
        bracket.line(),
        "replaces the routes of " + earlier,
        "one list, or routes = ${routes} [ … ] to add to it");
  }

  private void explain(String path, int line, String problem, String expected) {
    problems.explain(new Problem(file, line, path, problem, Problem.expected(expected)));
  }

  /** How to write the value that begins at {@code start}, down to where its quotes belong. */
  private String inQuotes(String path, int start) {
    if (Secrets.isSecretPath(path)) {
      return "the text in quotes";
    }
    int brace = text.startsWith("${", start) ? text.indexOf('}', start) + 1 : 0;
    if (brace > 0) {
      return text.substring(start, brace) + Secrets.shown(wordFrom(brace));
    }
    return "the text in quotes, " + Secrets.shown(wordFrom(start));
  }

  /** The characters from {@code start} up to white space or the end of the value. */
  private String wordFrom(int start) {
    int end = start;
    while (end < text.length()
        && !Character.isWhitespace(text.charAt(end))
        && ",{}[]".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(start, end);
  }
}
