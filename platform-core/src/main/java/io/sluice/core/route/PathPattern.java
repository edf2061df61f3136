package io.sluice.core.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/** A set of paths, and which part of a path it means. Paths are normalised. */
sealed interface PathPattern {

  /** Whether {@code path} is in the set. */
  boolean matches(String path);

  /** What {@code path}, which is in the set, becomes when {@code put} stands for the part meant. */
  String replaceMatched(String path, String put);

  /** What stands behind the part that is meant. */
  String rest(String path);

  /** Whether every path of {@code other} is in this set; false when that is not plain to see. */
  boolean covers(PathPattern other);

  /** Joins two parts of a path with exactly one slash between, unless {@code tail} is empty. */
  static String join(String front, String tail) {
    if (tail.isEmpty()) {
      return front.isEmpty() ? "/" : front;
    }
    boolean slashes = tail.charAt(0) == '/';
    if (front.endsWith("/")) {
      return front + (slashes ? tail.substring(1) : tail);
    }
    return slashes ? front + tail : front + "/" + tail;
  }

  /** One path. */
  record Exact(String path) implements PathPattern {

    @Override
    public boolean matches(String other) {
      return path.equals(other);
    }

    @Override
    public String replaceMatched(String other, String put) {
      return join(put, "");
    }

    @Override
    public String rest(String other) {
      return "";
    }

    @Override
    public boolean covers(PathPattern other) {
      return equals(other);
    }

    @Override
    public String toString() {
      return path;
    }
  }

  /** A path and all below it; with a slash at its end, only those below it. */
  record Prefix(String prefix) implements PathPattern {

    @Override
    public boolean matches(String path) {
      int length = prefix.length();
      return path.startsWith(prefix)
          && (path.length() == length || slashEnds() || path.charAt(length) == '/');
    }

    boolean slashEnds() {
      return prefix.endsWith("/");
    }

    /** The prefix without the slash at its end. */
    String node() {
      return slashEnds() ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    @Override
    public String replaceMatched(String path, String put) {
      return join(put, rest(path));
    }

    @Override
    public String rest(String path) {
      return path.substring(prefix.length());
    }

    @Override
    public boolean covers(PathPattern other) {
      if (other instanceof Exact exact) {
        return matches(exact.path());
      }
      if (other instanceof Prefix deeper) {
        return matches(deeper.prefix());
      }
      return other instanceof Regex regex && regex.below().startsWith(node() + "/");
    }

    @Override
    public String toString() {
      return prefix + (slashEnds() ? "*" : "[/*]");
    }
  }

  /** The paths in which a regular expression finds a match (RE2 syntax). */
  record Regex(Pattern pattern) implements PathPattern {

    @Override
    public boolean matches(String path) {
      return pattern.matcher(path).find();
    }

    @Override
    public String replaceMatched(String path, String put) {
      Matcher matcher = pattern.matcher(path);
      if (!matcher.find()) {
        return path;
      }
      String front = path.substring(0, matcher.start());
      return join(join(front, put), path.substring(matcher.end()));
    }

    @Override
    public String rest(String path) {
      Matcher matcher = pattern.matcher(path);
      return matcher.find() ? path.substring(matcher.end()) : "";
    }

    /**
     * A path that ends in a slash and that every match begins with; empty when none is plain to
     * see.
     */
    String below() {
      return RegexPrefix.of(pattern.pattern());
    }

    @Override
    public boolean covers(PathPattern other) {
      return other instanceof Regex that && pattern.pattern().equals(that.pattern.pattern());
    }

    @Override
    public String toString() {
      return "~" + pattern.pattern();
    }
  }
}
