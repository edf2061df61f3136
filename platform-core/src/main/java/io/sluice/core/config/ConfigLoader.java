package io.sluice.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loads a configuration file with everything it includes. One load reads each file once; what it
 * answers does not change afterwards.
 */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * Loads {@code file}. Blocks on reading files.
   *
   * @param environment what {@code ${NAME}} may refer to beside the configuration itself
   * @param problems receives every problem of the notation: the first syntax error of each file, missing
   *     includes, substitutions that lead nowhere, and pitfalls of HOCON
   * @return the root block, or null when there is none to speak of: after a syntax error or a missing
   *     include
   * @throws IOException when {@code file} itself cannot be read
   */
  public static @Nullable LocatedSection load(
      Path file, Map<String, String> environment, Problems problems) throws IOException {
    return parse(file, Files.readString(file), environment, problems);
  }

  /** Like {@link #load}, of text that stands in no file; {@code file} names it and resolves its includes. */
  public static @Nullable LocatedSection parse(
      Path file, String text, Map<String, String> environment, Problems problems) {
    String name = file.toString();
    problems.reading(name);
    try {
      Config config =
          ConfigFactory.parseString(
              text,
              ConfigParseOptions.defaults()
                  .setSyntax(ConfigSyntax.CONF)
                  .setOriginDescription(name));
      Config resolved =
          config
              .withFallback(ConfigFactory.parseMap(environment))
              .resolve(ConfigResolveOptions.noSystem());
      Map<String, Node> members = new LinkedHashMap<>();
      config
          .root()
          .keySet()
          .forEach(
              key -> {
                ConfigValue v = resolved.root().get(key);
                if (v != null && v.valueType() != ConfigValueType.NULL) {
                  members.put(key, node(v, name));
                }
              });
      Node.Block root = new Node.Block(members, new Place(name, 1));
      Path folder = file.toAbsolutePath().getParent();
      return new Block(
          new Source(problems, folder == null ? Map.of() : Map.of(name, folder)), "", root, false);
    } catch (ConfigException e) {
      ConfigOrigin origin = e.origin();
      problems.add(name, origin == null ? 1 : origin.lineNumber(), "", String.valueOf(e.getMessage()), "");
      return null;
    }
  }

  private static Node node(ConfigValue value, String name) {
    Place place = new Place(name, Math.max(1, value.origin().lineNumber()));
    if (value instanceof ConfigObject object) {
      Map<String, Node> members = new LinkedHashMap<>();
      object.forEach((key, v) -> members.put(key, node(v, name)));
      return new Node.Block(members, place);
    }
    if (value instanceof ConfigList list) {
      List<Node> items = new ArrayList<>();
      list.forEach(v -> items.add(node(v, name)));
      return new Node.Items(items, place);
    }
    String text =
        value.valueType() == ConfigValueType.STRING
            ? String.valueOf(value.unwrapped())
            : value.render();
    return new Node.Text(text, place, value.valueType() != ConfigValueType.STRING, false);
  }

  static ConfigValue environmentValue(String name, String text) {
    return ConfigValueFactory.fromAnyRef(text, "environment variable " + name);
  }
}
