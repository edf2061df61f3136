package io.sluice.core.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.sluice.api.http.RequestHead;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A text with {@code {variables}}, compiled when the configuration loads. Immutable. What it
 * renders has no octets that a header or a target may not have, since neither its text nor what its
 * variables stand for has any.
 */
final class Template {

  /** What a variable may stand for. */
  enum Variable {
    SCHEME,
    HOST,
    AUTHORITY,
    METHOD,
    PATH,
    QUERY,
    /** Path and query. */
    URI,
    /** What stands behind the part of the path that the route matched. */
    REST;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** What the variables stand for. The groups may be null in a template that uses none. */
  record Values(RequestHead head, String rest, @Nullable Matcher groups) {}

  /** Literal text; a variable; or, with neither, a group. */
  private record Part(String literal, @Nullable Variable variable, int group) {}

  private final String text;
  private final List<Part> parts;

  private Template(String text, List<Part> parts) {
    this.text = text;
    this.parts = parts;
  }

  /** A mistake in a template. */
  static final class Malformed extends Exception {

    private static final long serialVersionUID = 1L;

    /** What might have been meant; empty when the mistake is no unknown name. */
    private final transient Set<String> known;

    private Malformed(String problem, Set<String> known) {
      super(problem);
      this.known = known;
    }

    String problem() {
      return String.valueOf(getMessage());
    }

    Set<String> known() {
      return known;
    }
  }

  /**
   * Compiles {@code text}. Doubled braces stand for one.
   *
   * @param variables those that may be used
   * @param groups the expression whose groups may be used, by name or number, or null
   */
  static Template compile(String text, Set<Variable> variables, @Nullable Pattern groups)
      throws Malformed {
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new Malformed(
          "has white space, a control or non-ASCII char; write it escaped", Set.of());
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean brace = c == '{' || c == '}';
      if (!brace || text.startsWith(String.valueOf(c), at + 1)) {
        literal.append(c);
        at += brace ? 2 : 1;
        continue;
      }
      int close = text.indexOf('}', at);
      if (c == '}' || close < 0) {
        throw new Malformed("has a brace without its partner", Set.of());
      }
      parts.add(new Part(literal.toString(), null, -1));
      literal.setLength(0);
      parts.add(variable(text.substring(at + 1, close), variables, groups));
      at = close + 1;
    }
    parts.add(new Part(literal.toString(), null, -1));
    parts.removeIf(part -> part.variable == null && part.group < 0 && part.literal.isEmpty());
    return new Template(text, List.copyOf(parts));
  }

  private static Part variable(String name, Set<Variable> variables, @Nullable Pattern groups)
      throws Malformed {
    for (Variable variable : variables) {
      if (variable.word().equals(name)) {
        return new Part("", variable, -1);
      }
    }
    int group = groups == null ? -1 : group(name, groups);
    if (group >= 0) {
      return new Part("", null, group);
    }
    Set<String> known = new LinkedHashSet<>();
    variables.forEach(variable -> known.add(variable.word()));
    if (groups != null) {
      known.addAll(groups.namedGroups().keySet());
    }
    throw new Malformed("unknown variable \"" + name + "\"", known);
  }

  private static int group(String name, Pattern groups) {
    Integer named = groups.namedGroups().get(name);
    if (named != null) {
      return named;
    }
    boolean number = name.length() == 1 && name.charAt(0) >= '0' && name.charAt(0) <= '9';
    int index = number ? name.charAt(0) - '0' : Integer.MAX_VALUE;
    return index <= groups.groupCount() ? index : -1;
  }

  /** What it renders where each variable stands for {@code x}. */
  String sample() {
    StringBuilder sample = new StringBuilder();
    parts.forEach(part -> sample.append(part.literal.isEmpty() ? "x" : part.literal));
    return sample.toString();
  }

  /** Whether {@link #render} looks at groups. */
  boolean usesGroups() {
    return parts.stream().anyMatch(part -> part.group >= 0);
  }

  /** Whether it begins with {@code prefix}, whatever its variables stand for. */
  boolean beginsWith(String prefix) {
    return !parts.isEmpty() && parts.get(0).literal.startsWith(prefix);
  }

  /** Appends the text, each variable replaced by what it stands for. */
  void render(StringBuilder out, Values values) {
    for (Part part : parts) {
      if (part.variable != null) {
        append(out, part.variable, values);
      } else if (part.group >= 0) {
        String group = values.groups == null ? null : values.groups.group(part.group);
        out.append(group == null ? "" : group);
      } else {
        out.append(part.literal);
      }
    }
  }

  private static void append(StringBuilder out, Variable variable, Values values) {
    RequestHead head = values.head;
    String query = head.query();
    switch (variable) {
      case SCHEME -> out.append(head.scheme());
      case HOST -> out.append(head.host());
      case AUTHORITY -> out.append(head.authority());
      case METHOD -> out.append(head.method());
      case PATH -> out.append(head.path());
      case QUERY -> out.append(query == null ? "" : query);
      case URI -> {
        out.append(head.path());
        if (query != null) {
          out.append('?').append(query);
        }
      }
      case REST -> out.append(values.rest);
    }
  }

  /** The template as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
