package io.sluice.core.route;

/** A name, or all that begin or end with a text and go on beyond it. */
record NamePattern(String text, Part part) {

  /** What of a name is compared. */
  enum Part {
    WHOLE,
    BEGIN,
    END
  }

  /**
   * Reads a name with at most one {@code *}, at one end.
   *
   * @throws IllegalArgumentException for others
   */
  static NamePattern parse(String text) {
    int star = text.indexOf('*');
    if (star < 0) {
      return new NamePattern(text, Part.WHOLE);
    }
    boolean atEnd = star == text.length() - 1;
    if (text.indexOf('*', star + 1) >= 0 || (star > 0 && !atEnd) || text.length() == 1) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has a * elsewhere than at its beginning or its end, or is only that");
    }
    return atEnd
        ? new NamePattern(text.substring(0, star), Part.BEGIN)
        : new NamePattern(text.substring(1), Part.END);
  }

  boolean matches(String value) {
    return switch (part) {
      case WHOLE -> value.equals(text);
      case BEGIN -> value.length() > text.length() && value.startsWith(text);
      case END -> value.length() > text.length() && value.endsWith(text);
    };
  }

  @Override
  public String toString() {
    return switch (part) {
      case WHOLE -> text;
      case BEGIN -> text + "*";
      case END -> "*" + text;
    };
  }
}
