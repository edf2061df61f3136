package io.sluice.distribution.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Map;

/** The entry of the process. */
public final class Main {

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Path home = Path.of(System.getProperty("sluice.home", "")).toAbsolutePath().normalize();
    Map<String, String> environment = System.getenv();
    Invocation invocation = Invocation.of(arguments);
    Logging.start(environment, home, invocation.kind());
    World world =
        new World(new PlatformEngine(environment, home), environment, home, Signals.ofProcess());
    int code =
        invocation.kind() == Invocation.Kind.SERVE
            ? serve(world, invocation)
            : Cli.commandLine(world).execute(arguments);
    Logging.stop();
    System.exit(code);
  }

  private static int serve(World world, Invocation invocation) {
    PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
    try {
      return RunCommand.serve(world, invocation.config(), err);
    } catch (Refusal refusal) {
      refusal.lines().forEach(err::println);
      return refusal.exitCode();
    }
  }
}
