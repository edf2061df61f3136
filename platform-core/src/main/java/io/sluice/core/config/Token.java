package io.sluice.core.config;

/**
 * A piece of HOCON text.
 *
 * @param text the content: without quotes, and of a substitution what stands between the braces
 * @param start where it begins in the file
 * @param end where the next piece may begin
 * @param line its line, from 1
 * @param spaceBefore whether white space parts it from the piece before
 * @param comment what kind of comment follows on the same line
 */
record Token(
    Kind kind, String text, int start, int end, int line, boolean spaceBefore, Comment comment) {

  enum Kind {
    NEWLINE,
    COMMA,
    EQUALS,
    COLON,
    PLUS_EQUALS,
    OPEN_BRACE,
    CLOSE_BRACE,
    OPEN_BRACKET,
    CLOSE_BRACKET,
    /** Text in double quotes. */
    QUOTED,
    /** Text in triple quotes, where nothing has a meaning of its own. */
    RAW,
    UNQUOTED,
    SUBSTITUTION,
    /** A character that HOCON reserves, or a quote that is not closed. */
    STRAY,
    END
  }

  /** A comment that begins with two slashes; those with {@code #} surprise nobody. */
  enum Comment {
    NONE,
    APART,
    /** Right behind the piece, with no white space between. */
    GLUED
  }

  Token with(Comment comment) {
    return new Token(kind, text, start, end, line, spaceBefore, comment);
  }

  boolean is(Kind kind) {
    return this.kind == kind;
  }

  boolean isWord() {
    return kind == Kind.UNQUOTED || kind == Kind.QUOTED || kind == Kind.RAW;
  }

  boolean isSeparator() {
    return kind == Kind.EQUALS || kind == Kind.COLON || kind == Kind.PLUS_EQUALS;
  }

  /** Whether a value ends before this. */
  boolean endsValue() {
    return switch (kind) {
      case NEWLINE, COMMA, CLOSE_BRACE, CLOSE_BRACKET, END -> true;
      default -> false;
    };
  }
}
