package io.sluice.distribution.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "plugins",
    header = "List every plugin found.",
    description = {
      "One line a plugin: its kind, the type by which a config selects it, the plugin API version",
      "it was built for and the jar or folder it came from; below it the keys it reads."
    },
    footer = {"", "Exit codes: 0 listed, 1 config invalid, 2 usage, 3 file unreadable."})
final class PluginsCommand implements Callable<Integer> {

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "CONFIG",
      description = "Look in this config's runtime.plugins (default: the installation's plugins).")
  private @Nullable Path config;

  @Option(names = "--brief", description = "Leave out the keys.")
  private boolean brief;

  @Option(
      names = "--markdown",
      description = "As a page of documentation: a table of keys for each plugin.")
  private boolean markdown;

  @Parameters(
      arity = "0..1",
      paramLabel = "TYPE",
      description = "Only plugins of this type or kind.")
  private @Nullable String only;

  PluginsCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    PrintWriter out = Cli.out(spec);
    List<Engine.Plugin> plugins =
        world.engine().plugins(config == null ? null : world.config(config)).stream()
            .filter(this::asked)
            .toList();
    if (markdown) {
      PluginPage.lines(plugins).forEach(out::println);
      return ExitCode.FINE;
    }
    out.println(row("KIND", "TYPE", "API", "FROM"));
    for (Engine.Plugin plugin : plugins) {
      out.println(row(plugin.kind(), plugin.type(), plugin.apiVersion(), plugin.source()));
      if (!brief) {
        plugin.keys().forEach(key -> out.println(row(key)));
      }
    }
    return ExitCode.FINE;
  }

  private boolean asked(Engine.Plugin plugin) {
    return only == null || plugin.type().equals(only) || plugin.kind().equals(only);
  }

  private static String row(String kind, String type, String api, String from) {
    return String.format(Locale.ROOT, "%-20s %-16s %-5s %s", kind, type, api, from);
  }

  private static String row(Engine.Key key) {
    String value =
        key.required()
            ? " (required)"
            : key.fallback().isEmpty() ? "" : " (default: " + key.fallback() + ")";
    return String.format(
        Locale.ROOT, "    %-28s %-20s %s%s", key.path(), key.type(), key.meaning(), value);
  }
}
