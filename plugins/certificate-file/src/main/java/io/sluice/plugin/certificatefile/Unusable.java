package io.sluice.plugin.certificatefile;

/**
 * Why files cannot be used. Stackless: a mistake of whoever wrote the file, told by its message.
 *
 * @see #key the configuration key at fault
 */
final class Unusable extends Exception {

  private static final long serialVersionUID = 1L;

  private final String key;
  private final String expected;

  Unusable(String key, String problem, String expected) {
    super(problem, null, false, false);
    this.key = key;
    this.expected = expected;
  }

  /** The key at fault. */
  String key() {
    return key;
  }

  /** What would be right; may be empty. */
  String expected() {
    return expected;
  }

  /** The problem as one clause. */
  String problem() {
    return String.valueOf(getMessage());
  }
}
