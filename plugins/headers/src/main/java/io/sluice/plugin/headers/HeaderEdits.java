package io.sluice.plugin.headers;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What to do to one header section, in this order: remove, set, add. Immutable.
 *
 * @param remove names whose lines go
 * @param set lines put in place of all of their name
 * @param add lines put behind those that are there
 */
record HeaderEdits(List<HeaderName> remove, List<Line> set, List<Line> add) {

  static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of(), List.of());

  /**
   * Fields that frame the message or belong to one connection (RFC 9110 §7.6.1): the proxy's own.
   */
  private static final Set<String> RESERVED =
      Set.of(
          "connection",
          "content-length",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** A name with the value that it gets. */
  record Line(HeaderName name, Template value) {}

  static HeaderEdits decode(ConfigSection config, boolean request) {
    HeaderEdits edits =
        new HeaderEdits(
            names(config, request),
            lines(config, "set", "lines put in place of all of their name", request),
            lines(config, "add", "lines put behind those of their name", request));
    if (config.keys().isEmpty()) {
      config.problem("", "says nothing to change", "set, add or remove");
    }
    return edits;
  }

  private static List<HeaderName> names(ConfigSection config, boolean request) {
    List<HeaderName> names = new ArrayList<>();
    for (String name :
        config.strings("remove").describe("names whose lines go").orElse(List.of())) {
      if (isEditable(config, "remove", name, request)) {
        names.add(HeaderName.of(name));
      }
    }
    return List.copyOf(names);
  }

  private static List<Line> lines(
      ConfigSection config, String key, String meaning, boolean request) {
    List<Line> lines = new ArrayList<>();
    config
        .section(key)
        .describe(meaning)
        .optional()
        .ifPresent(
            section -> {
              Map<String, String> entries =
                  section.entries().describe("a name and its value").orElse(Map.of());
              entries.forEach((name, value) -> addLine(section, name, value, request, lines));
            });
    return List.copyOf(lines);
  }

  private static void addLine(
      ConfigSection section, String name, String value, boolean request, List<Line> lines) {
    if (!isEditable(section, name, name, request)) {
      return;
    }
    try {
      lines.add(new Line(HeaderName.of(name), Template.of(value)));
    } catch (IllegalArgumentException e) {
      section.problem(name, String.valueOf(e.getMessage()), Template.EXPECTED);
    }
  }

  private static boolean isEditable(
      ConfigSection config, String key, String name, boolean request) {
    if (!HeaderName.isToken(name)) {
      config.problem(key, "\"" + name + "\" is not a header name", "letters, digits and hyphens");
      return false;
    }
    String lowerCase = name.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(lowerCase)) {
      config.problem(key, name + " is the proxy's own to write", "another header");
      return false;
    }
    if (request && lowerCase.equals("host")) {
      config.problem(key, "Host is not a header to edit", "rewrite.host in the route");
      return false;
    }
    return true;
  }

  void apply(Headers headers, Exchange exchange) {
    for (int i = 0; i < remove.size(); i++) {
      headers.remove(remove.get(i));
    }
    for (int i = 0; i < set.size(); i++) {
      Line line = set.get(i);
      String value = line.value.render(exchange);
      if (value.isEmpty()) {
        headers.remove(line.name);
      } else {
        headers.set(line.name, value);
      }
    }
    for (int i = 0; i < add.size(); i++) {
      Line line = add.get(i);
      String value = line.value.render(exchange);
      if (!value.isEmpty()) {
        headers.add(line.name, value);
      }
    }
  }
}
