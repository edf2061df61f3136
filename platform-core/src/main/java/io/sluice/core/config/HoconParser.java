package io.sluice.core.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import io.sluice.core.config.SourceFiles.SourceFile;
import java.io.File;
import java.net.URL;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Has typesafe-config parse the files that were read. A file with a syntax error counts as empty,
 * so that the first error of every file is found.
 */
final class HoconParser {
  /** Advice that does not hold here, and repetitions. */
  private static final Pattern NOISE =
      Pattern.compile(" \\(if you intended .*|^Could not resolve substitution to a value: ");

  private final SourceFiles files;
  private final Problems problems;
  private final Set<String> parsedFiles = new HashSet<>();

  HoconParser(SourceFiles files, Problems problems) {
    this.files = files;
    this.problems = problems;
  }

  /** The meaning of {@code main}; finds the syntax errors of all files on the way. */
  ConfigObject parseAll(SourceFile main) {
    ConfigObject parsed = parse(main);
    // The library looks at includes only after the whole of a file, so not after a syntax error.
    for (SourceFile file : files.all()) {
      if (!parsedFiles.contains(file.name())) {
        parse(file);
      }
    }
    return parsed;
  }

  private ConfigObject parse(SourceFile file) {
    parsedFiles.add(file.name());
    ConfigParseOptions options =
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setOriginDescription(file.name())
            .setIncluder(new Included(file));
    try {
      return ConfigFactory.parseString(file.text(), options).root();
    } catch (ConfigException e) {
      files.refuse(file);
      report(file.name(), e);
      return empty();
    }
  }

  /** Records what the library says, unless a hint says it better. */
  void report(String file, ConfigException e) {
    ConfigOrigin origin = e.origin();
    int line = origin == null ? 1 : Math.max(1, origin.lineNumber());
    if (problems.explains(file, line) || problems.explains(file, line - 1)) {
      return;
    }
    String message = message(e);
    Problem unclosed = message.contains("end of file") ? files.unclosed(file) : null;
    problems.add(unclosed != null ? unclosed : new Problem(file, line, "", message, hint(message)));
  }

  /**
   * Records why the values do not fit together: a circle of substitutions, a list added to a text.
   */
  void reportUnresolvable(String mainFile, ConfigException e) {
    ConfigOrigin origin = e.origin();
    String file = origin == null ? mainFile : origin.description().replaceAll(": [0-9-]+$", "");
    report(files.folders().containsKey(file) ? file : mainFile, e);
  }

  private static String message(ConfigException e) {
    String message = e.getMessage() == null ? "is not HOCON" : e.getMessage();
    ConfigOrigin origin = e.origin();
    String prefix = origin == null ? "" : origin.description() + ": ";
    String bare = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    String plain = NOISE.matcher(bare).replaceAll("").replaceAll("\\s*\\R\\s*", " ");
    return plain.isEmpty()
        ? "is not HOCON"
        : plain.substring(0, 1).toLowerCase(Locale.ROOT) + plain.substring(1);
  }

  private static String hint(String message) {
    return message.contains("eserved character") ? "expected: quotes around a text with it" : "";
  }

  private static ConfigObject empty() {
    return ConfigValueFactory.fromMap(Map.of());
  }

  /** Answers the include statements of one file, from what was read before. */
  private final class Included
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private final SourceFile by;

    Included(SourceFile by) {
      this.by = by;
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      ConfigObject merged = empty();
      for (SourceFile file : files.included(by, what)) {
        merged = parse(file).withFallback(merged);
      }
      return merged;
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      return include(context, what.getPath());
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      return empty();
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      return empty();
    }
  }
}
