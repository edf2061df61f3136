package io.sluice.core.config;

import java.util.Locale;

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

  /** {@code FILE:LINE: PATH: PROBLEM (HINT)}, one line whatever the values at fault hold. */
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
    return oneLine(line);
  }

  /** Control characters, which a value may bring along, as a config would escape them. */
  private static String oneLine(CharSequence text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (Character.isISOControl(c)) {
            line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
    return line.toString();
  }
}
