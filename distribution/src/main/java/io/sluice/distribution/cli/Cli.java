package io.sluice.distribution.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The tree of commands, and how each one's end becomes text and an exit code. */
@Command(
    name = "sluice",
    header = "Sluice, a reverse proxy in which every policy is a plugin.",
    synopsisHeading = "%nUsage: ",
    customSynopsis = {
      "sluice run [CONFIG]      (or just: sluice CONFIG)",
      "       sluice COMMAND [ARGUMENTS]"
    },
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "`sluice help COMMAND` tells more. To see it work at once: sluice demo",
      "Exit codes: 0 fine, 1 config invalid, 2 usage, 3 could not start."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class)
final class Cli implements Runnable {

  @Spec private @Nullable CommandSpec spec;

  private Cli() {}

  @Override
  public void run() {
    throw new ParameterException(line(spec), "a command or a config file is missing");
  }

  static CommandLine commandLine(World world) {
    CommandLine root = new CommandLine(new Cli());
    root.addSubcommand(new RunCommand(world))
        .addSubcommand(new CheckCommand(world))
        .addSubcommand(new ExplainCommand(world))
        .addSubcommand(new DemoCommand(world))
        .addSubcommand(new PluginsCommand(world))
        .addSubcommand(new ReloadCommand(world))
        .addSubcommand(new DrainCommand(world))
        .addSubcommand(new StatusCommand(world))
        .addSubcommand(new VersionCommand())
        .addSubcommand(new CompletionCommand())
        .addSubcommand(new HelpCommand());
    for (CommandLine command : root.getSubcommands().values()) {
      if (!(command.getCommand() instanceof HelpCommand)) {
        command.getCommandSpec().addOption(helpOption());
        command.getCommandSpec().usageMessage().synopsisHeading("%nUsage: ");
        command.getCommandSpec().usageMessage().descriptionHeading("%n");
        command.getCommandSpec().usageMessage().parameterListHeading("%nArguments:%n");
        command.getCommandSpec().usageMessage().optionListHeading("%nOptions:%n");
      }
    }
    return root.registerConverter(Duration.class, new Durations())
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(Cli::usage)
        .setExecutionExceptionHandler(Cli::refused);
  }

  private static OptionSpec helpOption() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Print this text.")
        .build();
  }

  private static int usage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("sluice: " + complaint(e));
    String name = command.getCommandName();
    err.println("Try: sluice " + (command.getParent() == null ? "--help" : "help " + name));
    err.flush();
    return ExitCode.USAGE;
  }

  private static String complaint(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return String.valueOf(e.getMessage());
    }
    String word = unmatched.getUnmatched().get(0);
    boolean option = word.startsWith("-");
    List<String> near = unmatched.getSuggestions();
    String what =
        option
            ? "unknown option " + word
            : e.getCommandLine().getParent() == null
                ? "'" + word + "' is neither a command nor a file"
                : "unexpected argument '" + word + "'";
    return near.isEmpty() ? what : what + " (did you mean \"" + near.get(0) + "\"?)";
  }

  private static int refused(
      Exception e, CommandLine command, CommandLine.@Nullable ParseResult parsed) throws Exception {
    if (e instanceof Refusal refusal) {
      refusal.lines().forEach(command.getErr()::println);
      command.getErr().flush();
      return refusal.exitCode();
    }
    throw e;
  }

  static CommandLine line(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("the command was not made by picocli");
    }
    return spec.commandLine();
  }

  static PrintWriter out(@Nullable CommandSpec spec) {
    return line(spec).getOut();
  }

  static PrintWriter err(@Nullable CommandSpec spec) {
    return line(spec).getErr();
  }
}
