package io.sluice.core.config;

import java.util.regex.Pattern;

/** Writes key paths the way a user would: {@code upstreams."app.example.com".endpoints[0]}. */
final class Paths {
  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_-]+");

  private Paths() {}

  static String child(String parent, String key) {
    String segment = PLAIN.matcher(key).matches() ? key : '"' + key.replace("\"", "\\\"") + '"';
    return parent.isEmpty() ? segment : parent + "." + segment;
  }

  static String item(String parent, int index) {
    return parent + "[" + index + "]";
  }
}
