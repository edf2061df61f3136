package io.sluice.distribution.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What commands see of the process around them.
 *
 * @param engine the proxy
 * @param environment the variables of the process
 * @param home the folder that holds {@code bin}, {@code conf}, {@code lib} and {@code plugins}
 * @param signals where SIGTERM, SIGINT and SIGHUP come from
 */
record World(Engine engine, Map<String, String> environment, Path home, Signals signals) {

  /** The given config, or the installation's {@code conf/sluice.conf}; made sure to be readable. */
  Path config(@Nullable Path given) throws Refusal {
    Path file = given == null ? defaultConfig() : given;
    if (Files.isDirectory(file)) {
      throw Refusal.couldNotStart("cannot read " + file + ": it is a folder");
    }
    if (!Files.exists(file)) {
      throw Refusal.couldNotStart("cannot read " + file + ": no such file");
    }
    if (!Files.isReadable(file)) {
      throw Refusal.couldNotStart("cannot read " + file + ": permission denied");
    }
    return file;
  }

  Path defaultConfig() {
    return home.resolve("conf").resolve("sluice.conf");
  }

  /** The version of this build. */
  static String version() {
    Properties build = new Properties();
    try (var in = World.class.getResourceAsStream("build.properties")) {
      if (in == null) {
        throw new IllegalStateException("build.properties is missing from the jar");
      }
      build.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("build.properties cannot be read", e);
    }
    return build.getProperty("version", "unknown");
  }
}
