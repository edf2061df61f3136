package io.sluice.distribution.cli;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.api.LayoutComponentBuilder;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;

/**
 * The log of this process: one line an event on standard error, for people or, with {@code
 * SLUICE_LOG_FORMAT=json}, for machines. Built in code, because reading a file of Log4j's would
 * cost the start more than all the rest of logging. A file is still obeyed: the one that {@code
 * -Dlog4j2.configurationFile} names, or {@code conf/log4j2.xml}.
 */
final class Logging {

  private static final String CONFIGURATION_FILE = "log4j2.configurationFile";
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %c{1} - %msg%n%xThrowable";

  private Logging() {}

  /**
   * Sets logging up; to be called before the first logger is made.
   *
   * @param kind a brief command logs warnings only, and at once; anything else hands its events to
   *     a thread that writes them
   */
  static void start(Map<String, String> environment, Path home, Invocation.Kind kind) {
    boolean brief = kind == Invocation.Kind.BRIEF;
    if (!brief) {
      System.setProperty(
          "log4j2.contextSelector",
          "org.apache.logging.log4j.core.async.BasicAsyncLoggerContextSelector");
    }
    Path own = home.resolve("conf").resolve("log4j2.xml");
    String named = System.getProperty(CONFIGURATION_FILE);
    if (named != null) {
      return;
    }
    if (Files.isReadable(own)) {
      URI file = own.toUri();
      System.setProperty(CONFIGURATION_FILE, file.toString());
      return;
    }
    boolean json = "json".equalsIgnoreCase(environment.get("SLUICE_LOG_FORMAT"));
    Configurator.initialize(configuration(json, brief ? Level.WARN : Level.INFO).build());
  }

  private static ConfigurationBuilder<BuiltConfiguration> configuration(boolean json, Level level) {
    ConfigurationBuilder<BuiltConfiguration> builder =
        ConfigurationBuilderFactory.newConfigurationBuilder();
    LayoutComponentBuilder layout =
        json
            ? builder
                .newLayout("JsonTemplateLayout")
                .addAttribute("eventTemplateUri", "classpath:EcsLayout.json")
            : builder.newLayout("PatternLayout").addAttribute("pattern", PATTERN);
    return builder
        .setConfigurationName("sluice")
        .setStatusLevel(Level.ERROR)
        .setShutdownHook("disable")
        .add(
            builder
                .newAppender("stderr", "Console")
                .addAttribute("target", ConsoleAppender.Target.SYSTEM_ERR)
                .add(layout))
        .add(builder.newRootLogger(level).add(builder.newAppenderRef("stderr")));
  }

  /** Sets the level below which nothing is logged: trace, debug, info, warn, error or off. */
  static void level(String name) {
    Configurator.setRootLevel(Level.toLevel(name.toUpperCase(Locale.ROOT), Level.INFO));
  }

  /** Writes what is still queued. */
  static void stop() {
    LogManager.shutdown();
  }
}
