package io.sluice.core.config;

/**
 * One thing that is wrong with a configuration.
 *
 * @param file the file at fault, as the user named it
 * @param line the line at fault, from 1
 * @param path the key at fault, {@code upstreams.users.retry}; empty where there is none, as for a
 *     syntax error
 * @param text what is wrong, a clause without a full stop
 * @param hint what to do about it, {@code expected: …} or {@code did you mean "…"?}; may be empty
 */
public record Problem(String file, int line, String path, String text, String hint) {

  /** The hint that names what would have been right; empty for an empty {@code expected}. */
  static String expected(String expected) {
    return expected.isEmpty() ? "" : "expected: " + expected;
  }

  /** The hint that offers a correction of a name. */
  static String didYouMean(String name) {
    return "did you mean \"" + name + "\"?";
  }

  /** {@code FILE:LINE: PATH: PROBLEM (HINT)}. */
  public String render() {
    StringBuilder line =
        new StringBuilder().append(file).append(':').append(this.line).append(": ");
    if (!path.isEmpty()) {
      line.append(path).append(": ");
    }
    line.append(text);
    if (!hint.isEmpty()) {
      line.append(" (").append(hint).append(')');
    }
    return line.toString();
  }
}
