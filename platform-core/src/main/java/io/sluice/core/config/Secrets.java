package io.sluice.core.config;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Decides what of a configuration may be shown. When in doubt, it may not. */
final class Secrets {
  static final String MASK = "***";

  private static final int MAX_SHOWN = 60;
  private static final Set<String> WORDS =
      Set.of(
          "token",
          "tokens",
          "password",
          "passwords",
          "passwd",
          "passphrase",
          "secret",
          "secrets",
          "credential",
          "credentials",
          "authorization",
          "cookie",
          "apikey",
          "pem");
  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "(?:.*[-_.])?(?:api|private|signing|secret|access|shared|encryption)[-_]?keys?");
  private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s]*@");
  private static final Pattern WORD_END = Pattern.compile("[-_. ]");
  private static final Pattern PATH_END = Pattern.compile("[\\.\\[\\]\"]+");
  private static final Pattern CAMEL = Pattern.compile("(?<=\\p{Ll})(?=\\p{Lu})");

  private Secrets() {}

  /** Whether whatever stands at or below {@code key} is secret by its name. */
  static boolean isSecret(String key) {
    String spaced = CAMEL.matcher(key).replaceAll("-").toLowerCase(Locale.ROOT);
    String lastWord = WORD_END.splitAsStream(spaced).reduce("", (before, word) -> word);
    return WORDS.contains(lastWord) || SECRET_KEY.matcher(spaced).matches();
  }

  /** Whether what stands at {@code path}, a rendered one, is secret by one of its keys. */
  static boolean isSecretPath(String path) {
    return PATH_END.splitAsStream(path).anyMatch(Secrets::isSecret);
  }

  /** The text with what is secret in any text blotted out: keys in PEM, user names in URLs. */
  static String masked(String text) {
    return text.contains("-----BEGIN")
        ? MASK
        : USER_INFO.matcher(text).replaceAll("://" + MASK + "@");
  }

  /** The text as a message may quote it: masked, on one line, and not long. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder("\"");
    String masked = masked(text);
    for (int i = 0; i < masked.length(); i++) {
      if (i == MAX_SHOWN) {
        shown.append('…');
        break;
      }
      char c = masked.charAt(i);
      shown.append(Character.isISOControl(c) ? '?' : c);
    }
    return shown.append('"').toString();
  }
}
