package io.sluice.distribution.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "check",
    header = "Validate a config with the code that `run` uses.",
    description = {
      "Prints every problem, one a line, sorted by place:",
      "",
      "  FILE:LINE: PATH: PROBLEM (expected: ...)",
      "",
      "Opens no port and calls no endpoint."
    },
    footer = {"", "Exit codes: 0 valid, 1 with at least one problem, 2 usage, 3 file unreadable."})
final class CheckCommand implements Callable<Integer> {

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "CONFIG",
      description = "The config file (default: conf/sluice.conf of the installation).")
  private @Nullable Path config;

  CheckCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    PrintWriter out = Cli.out(spec);
    Path file = world.config(config);
    List<String> problems = world.engine().check(file);
    if (problems.isEmpty()) {
      out.println(file + ": valid");
      return ExitCode.FINE;
    }
    problems.forEach(out::println);
    Cli.err(spec)
        .println(file + ": " + problems.size() + (problems.size() == 1 ? " problem" : " problems"));
    return ExitCode.CONFIG_INVALID;
  }
}
