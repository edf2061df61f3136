package io.sluice.core.config;

import io.sluice.core.config.Token.Comment;
import io.sluice.core.config.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts HOCON text into pieces, forgivingly: text that is not HOCON gives some pieces too, and
 * telling the user so is left to the real parser.
 */
final class Lexer {
  private static final String RESERVED = "$\"{}[]:=,+#`^?!@*&\\";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private boolean space;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) {
    Lexer lexer = new Lexer(text);
    while (lexer.position < text.length()) {
      lexer.next();
    }
    lexer.add(Kind.END, "", lexer.position, lexer.line);
    return lexer.tokens;
  }

  private void next() {
    char c = text.charAt(position);
    if (c == '\n') {
      position++;
      add(Kind.NEWLINE, "\n", position - 1, line);
      line++;
    } else if (isSpace(c)) {
      position++;
      space = true;
    } else if (c == '#' || text.startsWith("//", position)) {
      comment(c);
    } else if (c == '"') {
      quoted();
    } else if (text.startsWith("${", position)) {
      substitution();
    } else if (RESERVED.indexOf(c) >= 0) {
      mark(c);
    } else {
      unquoted();
    }
  }

  private void comment(char first) {
    if (first == '/' && !tokens.isEmpty()) {
      int last = tokens.size() - 1;
      tokens.set(last, tokens.get(last).with(space ? Comment.APART : Comment.GLUED));
    }
    int end = text.indexOf('\n', position);
    position = end < 0 ? text.length() : end;
    space = true;
  }

  private void quoted() {
    int start = position;
    if (text.startsWith("\"\"\"", position)) {
      raw(start);
      return;
    }
    StringBuilder content = new StringBuilder();
    position++;
    while (position < text.length() && text.charAt(position) != '\n') {
      char c = text.charAt(position++);
      if (c == '"') {
        add(Kind.QUOTED, content.toString(), start, line);
        return;
      }
      if (c == '\\' && position < text.length()) {
        c = text.charAt(position++);
      }
      content.append(c);
    }
    add(Kind.STRAY, content.toString(), start, line);
  }

  private void raw(int start) {
    int end = text.indexOf("\"\"\"", position + 3);
    int startLine = line;
    String content = end < 0 ? text.substring(position + 3) : text.substring(position + 3, end);
    position = end < 0 ? text.length() : end + 3;
    // More quotes than three at the end belong to the text.
    while (end >= 0 && position < text.length() && text.charAt(position) == '"') {
      position++;
    }
    line += (int) content.chars().filter(c -> c == '\n').count();
    add(end < 0 ? Kind.STRAY : Kind.RAW, content, start, startLine);
  }

  private void substitution() {
    int start = position;
    int end = text.indexOf('}', position);
    int newline = text.indexOf('\n', position);
    if (end < 0 || (newline >= 0 && newline < end)) {
      position += 2;
      add(Kind.STRAY, "${", start, line);
      return;
    }
    position = end + 1;
    add(Kind.SUBSTITUTION, text.substring(start + 2, end), start, line);
  }

  private void mark(char c) {
    int start = position++;
    if (c == '+' && position < text.length() && text.charAt(position) == '=') {
      position++;
      add(Kind.PLUS_EQUALS, "+=", start, line);
      return;
    }
    Kind kind =
        switch (c) {
          case '{' -> Kind.OPEN_BRACE;
          case '}' -> Kind.CLOSE_BRACE;
          case '[' -> Kind.OPEN_BRACKET;
          case ']' -> Kind.CLOSE_BRACKET;
          case ':' -> Kind.COLON;
          case '=' -> Kind.EQUALS;
          case ',' -> Kind.COMMA;
          default -> Kind.STRAY;
        };
    add(kind, String.valueOf(c), start, line);
  }

  private void unquoted() {
    int start = position;
    while (position < text.length() && !endsUnquoted(text.charAt(position))) {
      position++;
    }
    add(Kind.UNQUOTED, text.substring(start, position), start, line);
  }

  private boolean endsUnquoted(char c) {
    return c == '\n'
        || isSpace(c)
        || RESERVED.indexOf(c) >= 0
        || (c == '/' && text.startsWith("//", position));
  }

  private void add(Kind kind, String content, int start, int startLine) {
    tokens.add(new Token(kind, content, start, position, startLine, space, Comment.NONE));
    space = false;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
  }
}
