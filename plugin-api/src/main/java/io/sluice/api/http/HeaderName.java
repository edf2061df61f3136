package io.sluice.api.http;

import java.util.Locale;

/**
 * A field name (RFC 9110 §5.1): a token, compared without regard to case, its hash computed once.
 * Immutable. Keep the names a plugin looks up in constants; making one per exchange is wasted work.
 */
public final class HeaderName {

  private final String text;
  private final String lowerCase;
  private final int hash;

  private HeaderName(String text) {
    this.text = text;
    this.lowerCase = text.toLowerCase(Locale.ROOT);
    int h = 0;
    for (int i = 0; i < lowerCase.length(); i++) {
      h = 31 * h + lowerCase.charAt(i);
    }
    this.hash = h;
  }

  /**
   * The name spelt {@code text}; that spelling is kept when the name is written by HTTP/1.1.
   *
   * @throws IllegalArgumentException when {@code text} is not a token (RFC 9110 §5.6.2)
   */
  public static HeaderName of(String text) {
    if (!isToken(text)) {
      throw new IllegalArgumentException("not a header name: \"" + text + "\"");
    }
    return new HeaderName(text);
  }

  /** Whether {@code text} is a token: one or more tchar (RFC 9110 §5.6.2). */
  public static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isTokenChar(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isTokenChar(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  /** The name in lower case, as HTTP/2 and HTTP/3 write it. */
  public String lowerCase() {
    return lowerCase;
  }

  /** The number of octets in the name. */
  public int length() {
    return text.length();
  }

  /** Whether the {@code length()} octets of {@code bytes} from {@code offset} spell this name. */
  public boolean matches(byte[] bytes, int offset) {
    String lower = lowerCase;
    for (int i = 0; i < lower.length(); i++) {
      int b = bytes[offset + i];
      if (b >= 'A' && b <= 'Z') {
        b |= 0x20;
      }
      if (b != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The polynomial hash (base 31) of the lower-case octets: the same as that of the text. */
  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HeaderName name
        && hash == name.hash
        && lowerCase.equals(name.lowerCase);
  }

  /** The name as it was spelt. */
  @Override
  public String toString() {
    return text;
  }
}
