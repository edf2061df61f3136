package io.sluice.core.config;

import io.sluice.core.config.Outline.Substitution;
import io.sluice.core.config.Token.Comment;
import io.sluice.core.config.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Follows the structure of one file to note where its keys stand, and speaks up at notations that
 * HOCON takes for something else than was meant. Judging the syntax is not its business.
 */
final class OutlineReader {
  private static final int MAX_DEPTH = 100;

  /** Follows an include statement. */
  interface Includes {
    void include(String name, Place place, String prefix);
  }

  private final String file;
  private final List<Token> tokens;
  private final Outline outline;
  private final Hints hints;
  private final Predicate<String> isSet;
  private final Includes includes;
  private int next;
  private int depth;
  private @Nullable Problem unclosed;

  /**
   * @param isSet whether the environment has a name
   */
  OutlineReader(
      String file,
      String text,
      Outline outline,
      Hints hints,
      Predicate<String> isSet,
      Includes includes) {
    this.file = file;
    this.tokens = Lexer.tokens(text);
    this.outline = outline;
    this.hints = hints;
    this.isSet = isSet;
    this.includes = includes;
  }

  /**
   * Reads the whole file.
   *
   * @param prefix the path of the block that includes it
   * @return whether it can be parsed at all: false when it nests too deeply
   */
  boolean read(String prefix) {
    skipNewlines();
    if (peek().is(Kind.OPEN_BRACE)) {
      next++;
    }
    while (!peek().is(Kind.END) && depth <= MAX_DEPTH) {
      members(prefix);
      // A closing brace too many is the parser's to report; go on behind it.
      if (!peek().is(Kind.END)) {
        next++;
      }
    }
    return depth <= MAX_DEPTH;
  }

  /** The outermost block or list that the end of the file leaves open, or null. */
  @Nullable Problem unclosed() {
    return unclosed;
  }

  // ---- structure

  private void members(String path) {
    while (!peek().is(Kind.CLOSE_BRACE) && !peek().is(Kind.END) && depth <= MAX_DEPTH) {
      if (peek().is(Kind.NEWLINE) || peek().is(Kind.COMMA)) {
        next++;
      } else if (isInclude()) {
        include(path);
      } else {
        member(path);
      }
    }
  }

  private boolean isInclude() {
    Token after = tokens.get(Math.min(next + 1, tokens.size() - 1));
    return peek().is(Kind.UNQUOTED)
        && peek().text().equals("include")
        && (after.is(Kind.QUOTED) || (after.is(Kind.UNQUOTED) && after.text().endsWith("(")));
  }

  private void include(String path) {
    Place place = here();
    next++;
    String form = peek().is(Kind.UNQUOTED) ? peek().text() : "";
    while (peek().is(Kind.UNQUOTED)) {
      next++;
    }
    if (form.contains("url(") || form.contains("classpath(")) {
      hints.notAFile(path, place);
    } else if (peek().is(Kind.QUOTED)) {
      includes.include(peek().text(), place, path);
    }
    while (!peek().endsValue()) {
      next++;
    }
  }

  private void member(String parent) {
    List<String> keys = keys();
    if (!peek().isSeparator() && !peek().is(Kind.OPEN_BRACE)) {
      // Not a member; the parser says so. Get on.
      if (!peek().is(Kind.CLOSE_BRACE) && !peek().is(Kind.END)) {
        next++;
      }
      return;
    }
    Place place = here();
    String path = parent;
    for (String key : keys) {
      if (!path.equals(parent)) {
        outline.block(path, place);
      }
      path = Paths.child(path, key);
    }
    Token separator = peek();
    if (separator.is(Kind.PLUS_EQUALS)) {
      outline.block(path, place);
      path = outline.appended(path);
    }
    if (separator.isSeparator()) {
      next++;
      if (separator.comment() != Comment.NONE && peek().is(Kind.NEWLINE)) {
        hints.swallowed(path, separator);
      }
      skipNewlines();
    }
    new Value(path, false).read();
  }

  private List<String> keys() {
    List<String> keys = new ArrayList<>();
    StringBuilder key = new StringBuilder();
    while (peek().isWord()) {
      Token token = peek();
      next++;
      if (token.spaceBefore() && key.length() > 0) {
        key.append(' ');
      }
      if (!token.is(Kind.UNQUOTED)) {
        key.append(token.text());
        continue;
      }
      String[] parts = token.text().split("\\.", -1);
      for (int i = 0; i < parts.length; i++) {
        if (i > 0) {
          keys.add(key.toString());
          key.setLength(0);
        }
        key.append(parts[i]);
      }
    }
    keys.add(key.toString());
    return keys;
  }

  /** A value under way: everything up to the comma, the end of the line, or the closing bracket. */
  private final class Value {
    private final String path;
    private final boolean isListMember;
    private final Token first;
    private final List<Token> words = new ArrayList<>();
    private boolean refersToItself;
    private boolean isComplex;
    private boolean colonSeen;

    Value(String path, boolean isListMember) {
      this.path = path;
      this.isListMember = isListMember;
      this.first = peek();
    }

    void read() {
      Place place = here();
      if (peek().is(Kind.OPEN_BRACE)) {
        outline.block(path, place);
      } else if (!peek().is(Kind.OPEN_BRACKET) && !peek().endsValue()) {
        outline.value(path, place);
      }
      @Nullable Token before = null;
      while (!peek().endsValue() && depth <= MAX_DEPTH) {
        Token token = peek();
        piece(token, before);
        before = token;
      }
      if (isListMember && !isComplex) {
        hints.oneTextForSeveral(path, words);
      }
    }

    private void piece(Token token, @Nullable Token before) {
      switch (token.kind()) {
        case OPEN_BRACE -> block(before);
        case OPEN_BRACKET -> list();
        case SUBSTITUTION -> substitution(token);
        case QUOTED -> quoted(token);
        case UNQUOTED, RAW -> words.add(token);
        case COLON -> colon(token);
        default -> isComplex = true;
      }
      if (!token.is(Kind.OPEN_BRACE) && !token.is(Kind.OPEN_BRACKET)) {
        if (token.comment() == Comment.GLUED && !token.is(Kind.QUOTED) && !token.is(Kind.RAW)) {
          hints.swallowed(path, first);
        }
        next++;
      }
    }

    private void block(@Nullable Token before) {
      if (isListMember && before != null && before.is(Kind.OPEN_BRACE)) {
        hints.joinedBlocks(path, peek());
      }
      isComplex = true;
      Place opened = here();
      depth++;
      next++;
      members(path);
      closed(Kind.CLOSE_BRACE, opened);
    }

    private void list() {
      Token bracket = peek();
      refuseReplacingRoutes(bracket);
      outline.value(path, here());
      isComplex = true;
      depth++;
      next++;
      int size = refersToItself ? outline.listSize(path) : 0;
      while (!peek().is(Kind.CLOSE_BRACKET) && !peek().is(Kind.END) && depth <= MAX_DEPTH) {
        if (peek().endsValue()) {
          next++;
          continue;
        }
        boolean isThere = !isAbsentMember();
        new Value(Paths.item(path, size), true).read();
        size += isThere ? 1 : 0;
        if (peek().is(Kind.CLOSE_BRACE)) {
          break;
        }
      }
      outline.listSize(path, size);
      closed(Kind.CLOSE_BRACKET, new Place(file, bracket.line()));
    }

    private void closed(Kind bracket, Place opened) {
      if (depth <= MAX_DEPTH) {
        depth--;
      }
      if (peek().is(Kind.END)) {
        unclosed = new Problem(file, opened.line(), path, "is not closed", "");
      }
      if (peek().is(bracket)) {
        next++;
      }
    }

    private void substitution(Token token) {
      isComplex = true;
      boolean optional = token.text().startsWith("?");
      String name = token.text().substring(optional ? 1 : 0).strip();
      refersToItself |= name.equals(path);
      outline.substitution(new Substitution(name, optional, path, new Place(file, token.line())));
    }

    private void quoted(Token token) {
      words.add(token);
      hints.substitutionInQuotes(path, token);
    }

    private void colon(Token token) {
      isComplex = true;
      if (!colonSeen && token.comment() != Comment.GLUED) {
        colonSeen = true;
        hints.colon(path, first);
      }
    }

    private void refuseReplacingRoutes(Token bracket) {
      Place earlier = outline.place(path);
      if (path.equals("routes") && !refersToItself && earlier != null) {
        hints.replacedRoutes(path, bracket, earlier);
      }
    }
  }

  /** Whether a list member is an optional reference and nothing else, to a name that is not set. */
  private boolean isAbsentMember() {
    Token token = peek();
    return token.is(Kind.SUBSTITUTION)
        && token.text().startsWith("?")
        && tokens.get(next + 1).endsValue()
        && !isSet.test(token.text().substring(1).strip());
  }

  // ---- tokens

  private Token peek() {
    return tokens.get(Math.min(next, tokens.size() - 1));
  }

  private Place here() {
    return new Place(file, peek().line());
  }

  private void skipNewlines() {
    while (peek().is(Kind.NEWLINE)) {
      next++;
    }
  }
}
