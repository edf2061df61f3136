package io.sluice.distribution.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    header = "Print a completion script for bash and zsh.",
    description = {"To use it in this shell:", "", "  source <(sluice completion)"})
final class CompletionCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Cli.out(spec).print(AutoComplete.bash("sluice", Cli.line(spec).getParent()));
    Cli.out(spec).flush();
    return ExitCode.FINE;
  }
}
