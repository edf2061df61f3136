package io.sluice.core.route;

import java.net.IDN;
import java.util.Locale;

/**
 * A host, or with a wildcard all hosts below one.
 *
 * @param wildcard whether one or more labels stand before {@code name}
 * @param name in lower case
 */
record HostPattern(boolean wildcard, String name) {

  /** The text that stands for every host. */
  static final String ANY = "*";

  /**
   * Reads {@code example.com} or {@code *.example.com}; international names become their ASCII
   * form.
   *
   * @throws IllegalArgumentException when {@code text} is neither
   */
  static HostPattern parse(String text) {
    boolean wildcard = text.startsWith("*.");
    String name = wildcard ? text.substring(2) : text;
    if (!name.startsWith("[")) {
      name = ascii(name, text);
    } else if (wildcard || !name.endsWith("]")) {
      throw new IllegalArgumentException("\"" + text + "\" is not a host name");
    }
    return new HostPattern(wildcard, withoutRootDot(name.toLowerCase(Locale.ROOT)));
  }

  private static String ascii(String name, String text) {
    if (name.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has a port, which host matching ignores");
    }
    String ascii;
    try {
      ascii = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not a host name", e);
    }
    String labels = withoutRootDot(ascii);
    for (String label : labels.split("\\.", -1)) {
      if (label.isEmpty() || !label.chars().allMatch(HostPattern::isLabelChar)) {
        throw new IllegalArgumentException("\"" + text + "\" is not a host name");
      }
    }
    return ascii;
  }

  private static boolean isLabelChar(int c) {
    return c == '-' || c == '_' || (c < 0x80 && Character.isLetterOrDigit(c));
  }

  /** {@code host} without the dot that a fully qualified name ends in. */
  static String withoutRootDot(String host) {
    int last = host.length() - 1;
    return last > 0 && host.charAt(last) == '.' ? host.substring(0, last) : host;
  }

  /** Whether {@code host}, in lower case and without a root dot, is meant. */
  boolean matches(String host) {
    if (!wildcard) {
      return host.equals(name);
    }
    int labels = host.length() - name.length() - 1;
    return labels > 0 && host.charAt(labels) == '.' && host.endsWith(name);
  }

  /** Whether every host that {@code other} means is meant here. */
  boolean covers(HostPattern other) {
    return equals(other) || (wildcard && matches(other.name));
  }

  @Override
  public String toString() {
    return wildcard ? "*." + name : name;
  }
}
