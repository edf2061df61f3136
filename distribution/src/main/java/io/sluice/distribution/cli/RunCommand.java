package io.sluice.distribution.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    header = "Start the proxy.",
    description = {
      "Runs in the foreground until it is told to stop. `sluice CONFIG` is short for it.",
      "",
      "SIGTERM and SIGINT stop accepting, let what is in flight end for at most",
      "runtime.shutdown-timeout, and exit 0; a second one ends at once. SIGHUP reads the config",
      "again. Standard error gets the log, standard output the access log if it is told to."
    },
    footer = {
      "",
      "Environment:",
      "  SLUICE_OPTS        more options for the JVM, such as -Xmx1g",
      "  SLUICE_JAVA_HOME   the JVM to use, before JAVA_HOME and PATH",
      "  SLUICE_LOG_FORMAT  text (default) or json",
      "  SLUICE_CACHE       where to keep the class archive for fast starts; off: nowhere",
      "",
      "Exit codes: 0 stopped, 1 config invalid, 2 usage, 3 could not start."
    })
final class RunCommand implements Callable<Integer> {

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "CONFIG",
      description = "The config file (default: conf/sluice.conf of the installation).")
  private @Nullable Path config;

  RunCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    return serve(world, config, Cli.err(spec));
  }

  /** Runs the proxy until a signal ends it. Needs nothing of the parser that found the command. */
  static int serve(World world, @Nullable Path config, PrintWriter err) throws Refusal {
    Path file = world.config(config);
    return new Session(world, err)
        .run(
            file,
            null,
            running -> {
              StartReport.lines(
                      running, file, StartReport.sinceJvmStart(), ProcessHandle.current().pid())
                  .forEach(err::println);
              err.flush();
            });
  }
}
