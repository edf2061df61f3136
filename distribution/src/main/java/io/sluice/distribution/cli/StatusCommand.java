package io.sluice.distribution.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "status",
    header = "Say how a running proxy is.",
    footer = {"", "Exit codes: 0 answered, 2 usage, 3 no admin API there."})
final class StatusCommand implements Callable<Integer> {

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final AdminOptions admin = new AdminOptions();

  @Option(names = "--json", description = "Print the admin API's own answer.")
  private boolean json;

  StatusCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    AdminClient.Reply reply = admin.client(world).get("status");
    if (reply.status() / 100 != 2) {
      throw Refusal.couldNotStart("status answered " + reply.status() + ": " + reply.body());
    }
    if (json) {
      Cli.out(spec).println(reply.body().strip());
    } else {
      AdminReply.status(reply.body()).forEach(Cli.out(spec)::println);
    }
    return ExitCode.FINE;
  }
}
