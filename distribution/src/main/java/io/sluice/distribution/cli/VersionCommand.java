package io.sluice.distribution.cli;

import io.sluice.api.ApiVersion;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "version", header = "Print the versions of Sluice, its plugin API and the JVM.")
final class VersionCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Cli.out(spec).println(text());
    return ExitCode.FINE;
  }

  private static String text() {
    return "sluice "
        + World.version()
        + " (plugin API "
        + ApiVersion.CURRENT
        + ", Java "
        + System.getProperty("java.version")
        + " "
        + System.getProperty("java.vendor")
        + ", "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch")
        + ")";
  }

  /** The same line for {@code sluice --version}. */
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {text()};
    }
  }
}
