package io.sluice.distribution.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Turns the JSON of the admin API into lines for a person. */
final class AdminReply {

  private AdminReply() {}

  /** One {@code key value} line for each member; lists one line an element, indented. */
  static List<String> lines(String json) {
    Config object;
    try {
      object =
          ConfigFactory.parseString(
              json, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
    } catch (ConfigException e) {
      return List.of(json.strip());
    }
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> member : object.root().entrySet()) {
      ConfigValue value = member.getValue();
      if (value instanceof Iterable<?> list && value.valueType() == ConfigValueType.LIST) {
        lines.add(member.getKey() + ":");
        for (Object element : list) {
          lines.add("  " + (element instanceof ConfigValue item ? text(item) : element));
        }
      } else {
        lines.add(String.format(Locale.ROOT, "%-12s %s", member.getKey(), text(value)));
      }
    }
    return lines;
  }

  /** The list of texts at {@code key}, empty when there is none. */
  static List<String> list(String json, String key) {
    try {
      Config object =
          ConfigFactory.parseString(
              json, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
      List<String> texts = new ArrayList<>();
      if (object.hasPath(key)) {
        object.getList(key).forEach(value -> texts.add(text(value)));
      }
      return texts;
    } catch (ConfigException e) {
      return List.of();
    }
  }

  private static String text(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING
        ? String.valueOf(value.unwrapped())
        : value.render(ConfigRenderOptions.concise());
  }
}
