package io.sluice.core.config;

import java.util.Map;
import java.util.TreeMap;

/** Writes a configuration out again. */
final class Rendering {
  private Rendering() {}

  /** One notation for all blocks that say the same. Shows secrets. */
  static String canonical(Node node) {
    StringBuilder out = new StringBuilder();
    canonical(node, out);
    return out.toString();
  }

  private static void canonical(Node node, StringBuilder out) {
    if (node instanceof Node.Text text) {
      quote(text.text(), out);
    } else if (node instanceof Node.Items items) {
      out.append('[');
      for (Node item : items.items()) {
        canonical(item, out);
        out.append(',');
      }
      out.append(']');
    } else if (node instanceof Node.Block block) {
      out.append('{');
      for (Map.Entry<String, Node> member : new TreeMap<>(block.members()).entrySet()) {
        quote(member.getKey(), out);
        out.append(':');
        canonical(member.getValue(), out);
        out.append(',');
      }
      out.append('}');
    }
  }

  /** JSON with secrets masked, in the order of the file. */
  static String json(Node node, boolean secret) {
    StringBuilder out = new StringBuilder();
    json(node, secret, out);
    return out.toString();
  }

  private static void json(Node node, boolean secret, StringBuilder out) {
    if (node instanceof Node.Text text) {
      json(text, secret, out);
    } else if (node instanceof Node.Items items) {
      out.append('[');
      String separator = "";
      for (Node item : items.items()) {
        out.append(separator);
        json(item, secret, out);
        separator = ",";
      }
      out.append(']');
    } else if (node instanceof Node.Block block) {
      out.append('{');
      String separator = "";
      for (Map.Entry<String, Node> member : block.members().entrySet()) {
        out.append(separator);
        quote(member.getKey(), out);
        out.append(':');
        json(member.getValue(), secret || Secrets.isSecret(member.getKey()), out);
        separator = ",";
      }
      out.append('}');
    }
  }

  private static void json(Node.Text text, boolean secret, StringBuilder out) {
    if (secret || text.state() == Node.State.SECRET) {
      quote(Secrets.MASK, out);
    } else if (text.literal()) {
      out.append(text.text());
    } else {
      quote(Secrets.masked(text.text()), out);
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == '\u007f' || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
