package io.sluice.core.admin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object that a caller sent; an empty text is an empty object. Everything at
 * fault throws {@link IllegalArgumentException}.
 */
final class JsonBody {

  private static final int MAX_DEPTH = 8;

  private final Config members;
  private final Set<String> read = new HashSet<>();

  private JsonBody(Config members) {
    this.members = members;
  }

  static JsonBody parse(String text) {
    if (text.isBlank()) {
      return new JsonBody(ConfigFactory.empty());
    }
    if (!isShallow(text)) {
      throw new IllegalArgumentException("the body is nested too deeply");
    }
    try {
      return new JsonBody(
          ConfigFactory.parseString(
              text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON)));
    } catch (ConfigException e) {
      throw new IllegalArgumentException("the body is not a JSON object", e);
    }
  }

  @Nullable String text(String name) {
    @Nullable ConfigValue value = value(name);
    if (value == null) {
      return null;
    }
    if (value.valueType() != ConfigValueType.STRING) {
      throw new IllegalArgumentException(name + " is not a text");
    }
    return (String) value.unwrapped();
  }

  List<String> texts(String name) {
    @Nullable ConfigValue value = value(name);
    if (value == null) {
      return List.of();
    }
    if (value.unwrapped() instanceof List<?> list
        && list.stream().allMatch(element -> element instanceof String)) {
      return list.stream().map(String::valueOf).toList();
    }
    throw new IllegalArgumentException(name + " is not a list of texts");
  }

  boolean flag(String name, boolean fallback) {
    @Nullable ConfigValue value = value(name);
    if (value == null) {
      return fallback;
    }
    if (value.unwrapped() instanceof Boolean flag) {
      return flag;
    }
    throw new IllegalArgumentException(name + " is neither true nor false");
  }

  int integer(String name, int min, int max, int fallback) {
    @Nullable ConfigValue value = value(name);
    if (value == null) {
      return fallback;
    }
    if (value.unwrapped() instanceof Integer number && number >= min && number <= max) {
      return number;
    }
    throw new IllegalArgumentException(name + " is not a whole number from " + min + " to " + max);
  }

  /** Call when everything known was read. */
  void refuseOthers() {
    Set<String> others = new TreeSet<>(members.root().keySet());
    others.removeAll(read);
    if (!others.isEmpty()) {
      throw new IllegalArgumentException("unknown in the body: " + String.join(", ", others));
    }
  }

  private @Nullable ConfigValue value(String name) {
    read.add(name);
    @Nullable ConfigValue value = members.root().get(name);
    return value == null || value.valueType() == ConfigValueType.NULL ? null : value;
  }

  /** The parser recurses; brackets inside texts count too, which is no loss. */
  private static boolean isShallow(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      if (depth > MAX_DEPTH) {
        return false;
      }
    }
    return true;
  }
}
