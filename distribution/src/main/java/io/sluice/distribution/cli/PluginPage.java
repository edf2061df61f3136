package io.sluice.distribution.cli;

import java.util.ArrayList;
import java.util.List;

/** Plugins and their keys as a page in Markdown: what {@code docs/plugin-reference.md} holds. */
final class PluginPage {

  private PluginPage() {}

  /** The page's lines: a heading for each kind, below it each plugin with a table of its keys. */
  static List<String> lines(List<Engine.Plugin> plugins) {
    List<String> lines = new ArrayList<>();
    String kind = "";
    for (Engine.Plugin plugin : plugins) {
      if (!plugin.kind().equals(kind)) {
        kind = plugin.kind();
        lines.add("## " + kind);
        lines.add("");
      }
      lines.add("### " + kind + " `" + plugin.type() + "`");
      lines.add("");
      if (plugin.keys().isEmpty()) {
        lines.add("No keys.");
      } else {
        lines.add("| key | takes | default | meaning |");
        lines.add("|---|---|---|---|");
        plugin.keys().forEach(key -> lines.add(row(key)));
      }
      lines.add("");
    }
    return lines;
  }

  private static String row(Engine.Key key) {
    String fallback = key.fallback().isEmpty() ? "" : "`" + cell(key.fallback()) + "`";
    return "| `%s` | %s | %s | %s |"
        .formatted(
            cell(key.path()),
            cell(key.type()),
            key.required() ? "required" : fallback,
            cell(key.meaning()));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
