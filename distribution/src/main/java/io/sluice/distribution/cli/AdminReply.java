package io.sluice.distribution.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns the JSON of the admin API into lines for a person. */
final class AdminReply {

  private AdminReply() {}

  /** What {@code GET /status} answers, one {@code key value} line each, the first things first. */
  static List<String> status(String json) {
    Config status = object(json);
    List<String> lines = new ArrayList<>();
    for (String key : List.of("status", "version", "generation", "connections", "exchanges")) {
      lines.add(row(key, status.getValue(key)));
    }
    Duration uptime = Duration.ofSeconds((long) status.getDouble("uptime"));
    lines.add(row("uptime", Durations.text(uptime)));
    for (Config listener : status.getConfigList("listeners")) {
      lines.add(
          row(
              "listener",
              listener.getString("name")
                  + " "
                  + String.join(", ", listener.getStringList("addresses"))));
    }
    if (status.hasPath("lastReload")) {
      Config reload = status.getConfig("lastReload");
      boolean taken = reload.getBoolean("success");
      lines.add(row("last reload", (taken ? "taken " : "refused ") + reload.getString("at")));
      reload.getStringList("problems").forEach(problem -> lines.add("  " + problem));
    }
    return lines;
  }

  /** The list of texts at {@code key}, empty when there is none. */
  static List<String> list(String json, String key) {
    Config object = object(json);
    List<String> texts = new ArrayList<>();
    if (object.hasPath(key)) {
      object.getList(key).forEach(value -> texts.add(text(value)));
    }
    return texts;
  }

  private static Config object(String json) {
    return ConfigFactory.parseString(
        json, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }

  private static String row(String key, Object value) {
    return String.format(
        Locale.ROOT, "%-12s %s", key, value instanceof ConfigValue item ? text(item) : value);
  }

  private static String text(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING
        ? String.valueOf(value.unwrapped())
        : value.render(ConfigRenderOptions.concise());
  }
}
