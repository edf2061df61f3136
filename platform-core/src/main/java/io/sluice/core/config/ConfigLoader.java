package io.sluice.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.sluice.core.config.Outline.Substitution;
import io.sluice.core.config.SourceFiles.SourceFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads a configuration file with everything it includes. Each load reads each file once; what it
 * answers does not change afterwards.
 */
public final class ConfigLoader {
  private final SourceFiles files;
  private final Map<String, String> environment;
  private final Problems problems;

  private ConfigLoader(Map<String, String> environment, Problems problems) {
    this.environment = Map.copyOf(environment);
    this.problems = problems;
    this.files = new SourceFiles(this.environment, problems);
  }

  /**
   * Loads {@code file}. Blocks on reading files.
   *
   * @param environment what {@code ${NAME}} may refer to beside the configuration itself
   * @param problems receives every problem of the notation: the first syntax error of each file,
   *     includes that lead nowhere, substitutions that do, and pitfalls of HOCON
   * @return the root block, or null when there is none to speak of: after a syntax error or a
   *     missing include
   * @throws IOException when {@code file} itself cannot be read
   */
  public static @Nullable LocatedSection load(
      Path file, Map<String, String> environment, Problems problems) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      problems.add(file.toString(), 1, "", "is not text in UTF-8", "");
      return null;
    }
    return parse(file, text, environment, problems);
  }

  /**
   * Like {@link #load}, of text at hand. {@code file} need not exist; messages name it, and its
   * folder is where includes and files start from.
   */
  public static @Nullable LocatedSection parse(
      Path file, String text, Map<String, String> environment, Problems problems) {
    return new ConfigLoader(environment, problems).load(new SourceFile(file, text));
  }

  private @Nullable LocatedSection load(SourceFile main) {
    files.outline(main, "");
    if (!files.isParsable()) {
      return null;
    }
    HoconParser parser = new HoconParser(files, problems);
    ConfigObject parsed = parser.parseAll(main);
    if (!files.isUsable()) {
      return null;
    }
    ConfigObject resolved = resolve(parsed, main.name(), parser);
    if (resolved == null) {
      return null;
    }
    Set<String> names = files.folders().keySet();
    TreeBuilder tree = new TreeBuilder(files.outline(), names);
    Node.Block root = tree.block(resolved, parsed.keySet(), "", new Place(main.name(), 1));
    return new Block(new Source(problems, Map.copyOf(files.folders())), "", root, false);
  }

  private @Nullable ConfigObject resolve(ConfigObject parsed, String mainName, HoconParser parser) {
    Missing missing = new Missing();
    // The environment as a fallback of the root, not as a resolver's answer: only so is it found
    // from
    // inside an included file, too. The names that only it has are left out again afterwards.
    Config withEnvironment =
        parsed.withFallback(ConfigValueFactory.fromMap(environment, "environment")).toConfig();
    ConfigObject resolved = null;
    ConfigException failure = null;
    try {
      resolved =
          withEnvironment.resolve(ConfigResolveOptions.noSystem().appendResolver(missing)).root();
    } catch (ConfigException e) {
      failure = e;
    }
    for (Substitution substitution : files.outline().substitutions()) {
      if (!substitution.optional() && missing.names.contains(normal(substitution.name()))) {
        reportUnresolved(substitution);
      }
    }
    if (failure != null && missing.names.isEmpty()) {
      parser.reportUnresolvable(mainName, failure);
    }
    return resolved;
  }

  private void reportUnresolved(Substitution substitution) {
    Place place = substitution.place();
    problems.add(
        place.file(),
        place.line(),
        substitution.path(),
        "${" + substitution.name() + "} is not set",
        "an environment variable or a key of that name, or ${?"
            + substitution.name()
            + "} to do without");
  }

  private static String normal(String name) {
    try {
      return ConfigUtil.joinPath(ConfigUtil.splitPath(name));
    } catch (ConfigException e) {
      return name;
    }
  }

  /** Asked for what neither the configuration nor the environment has. */
  private final class Missing implements ConfigResolver {
    private final Set<String> required = new HashSet<>();
    private final Set<String> names = new HashSet<>();

    Missing() {
      files.outline().substitutions().stream()
          .filter(substitution -> !substitution.optional())
          .forEach(substitution -> required.add(normal(substitution.name())));
    }

    @Override
    public @Nullable ConfigValue lookup(String path) {
      // In an included file, the path of the block that includes it comes before the name.
      for (String name : required) {
        if (path.equals(name) || path.endsWith("." + name)) {
          names.add(name);
          return ConfigValueFactory.fromAnyRef(TreeBuilder.UNRESOLVED, "unresolved");
        }
      }
      return null;
    }

    @Override
    public ConfigResolver withFallback(ConfigResolver fallback) {
      return this;
    }
  }
}
