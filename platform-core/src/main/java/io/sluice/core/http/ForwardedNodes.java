package io.sluice.core.http;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the {@code for} parameters of {@code Forwarded} lines (RFC 7239 §4). An element without
 * one, and a line that does not parse, answer an empty text, which is no address.
 */
final class ForwardedNodes {

  private final String line;
  private final List<String> nodes;
  private int at;

  private ForwardedNodes(String line, List<String> nodes) {
    this.line = line;
    this.nodes = nodes;
  }

  /** The {@code for} parameter of every element, in order. */
  static List<String> of(List<String> lines) {
    List<String> nodes = new ArrayList<>();
    for (String line : lines) {
      int before = nodes.size();
      if (!new ForwardedNodes(line, nodes).read()) {
        nodes.subList(before, nodes.size()).clear();
        nodes.add("");
      }
    }
    return nodes;
  }

  /** Reads the line; answers whether it parses. */
  private boolean read() {
    while (true) {
      skipSpace();
      if (at == line.length()) {
        return true;
      }
      if (line.charAt(at) == ',') {
        at++;
      } else if (!element()) {
        return false;
      }
    }
  }

  /** Reads pairs as far as the comma or the end. */
  private boolean element() {
    String node = "";
    while (at < line.length() && line.charAt(at) != ',') {
      if (line.charAt(at) == ';') {
        at++;
        skipSpace();
        continue;
      }
      int nameStart = at;
      while (at < line.length() && isToken(line.charAt(at))) {
        at++;
      }
      String name = line.substring(nameStart, at);
      if (name.isEmpty() || at == line.length() || line.charAt(at) != '=') {
        return false;
      }
      at++;
      StringBuilder value = new StringBuilder();
      if (!value(value)) {
        return false;
      }
      skipSpace();
      if (name.equalsIgnoreCase("for")) {
        if (!node.isEmpty()) {
          return false;
        }
        node = value.toString();
      }
      if (at < line.length() && line.charAt(at) != ',' && line.charAt(at) != ';') {
        return false;
      }
    }
    nodes.add(node);
    return true;
  }

  /** Reads a token, leniently with the colons and brackets that need quotes, or a quoted string. */
  private boolean value(StringBuilder value) {
    if (at == line.length() || line.charAt(at) != '"') {
      while (at < line.length() && isBareValue(line.charAt(at))) {
        value.append(line.charAt(at++));
      }
      return value.length() > 0;
    }
    at++;
    while (at < line.length() && line.charAt(at) != '"') {
      if (line.charAt(at) == '\\') {
        at++;
      }
      if (at < line.length()) {
        value.append(line.charAt(at++));
      }
    }
    return at++ < line.length();
  }

  private void skipSpace() {
    while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
      at++;
    }
  }

  private static boolean isToken(char c) {
    return c <= 0xff && Octets.is((byte) c, Octets.TOKEN);
  }

  private static boolean isBareValue(char c) {
    return isToken(c) || c == ':' || c == '[' || c == ']';
  }
}
