package io.sluice.distribution.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "reload",
    header = "Make a running proxy read its config again.",
    description = {
      "Prints what changed. A config with problems changes nothing: they are printed and the old",
      "config stays in force."
    },
    footer = {
      "",
      "Exit codes: 0 reloaded, 1 the new config is invalid, 2 usage, 3 no admin API there."
    })
final class ReloadCommand implements Callable<Integer> {

  private static final int UNPROCESSABLE = 422;

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final AdminOptions admin = new AdminOptions();

  ReloadCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    AdminClient.Reply reply = admin.client(world).post("reload");
    if (reply.status() == UNPROCESSABLE) {
      List<String> problems = AdminReply.list(reply.body(), "problems");
      throw Refusal.configInvalid(problems.isEmpty() ? List.of(reply.body()) : problems);
    }
    if (reply.status() != 200) {
      throw Refusal.couldNotStart("reload answered " + reply.status() + ": " + reply.body());
    }
    List<String> changes = AdminReply.list(reply.body(), "changes");
    Cli.out(spec).println(changes.isEmpty() ? "reloaded, nothing changed" : "reloaded");
    changes.forEach(change -> Cli.out(spec).println("  " + change));
    return ExitCode.FINE;
  }
}
