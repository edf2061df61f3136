package io.sluice.core.plugin;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The plugins that something was made of, by their content: as long as a registry has the same, it
 * would be made of the same code again. Immutable; keeps no plugin alive.
 */
public final class PluginCode {

  private record Part(PluginKind kind, String type, String contentId) {}

  private final List<Part> parts;

  private PluginCode(List<Part> parts) {
    this.parts = parts;
  }

  static PluginCode of(Collection<RegisteredPlugin> plugins) {
    return new PluginCode(
        plugins.stream()
            .map(plugin -> new Part(plugin.kind(), plugin.type(), plugin.contentId()))
            .distinct()
            .toList());
  }

  /** Whether {@code registry} offers each of them with the same content. */
  public boolean isIn(PluginRegistry registry) {
    for (Part part : parts) {
      RegisteredPlugin plugin = registry.find(part.kind, part.type);
      if (plugin == null || !plugin.contentId().equals(part.contentId)) {
        return false;
      }
    }
    return true;
  }

  /** The same text for the same plugins with the same content. */
  @Override
  public String toString() {
    return parts.stream()
        .map(part -> part.kind + " " + part.type + " " + part.contentId)
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
