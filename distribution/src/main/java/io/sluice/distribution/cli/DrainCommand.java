package io.sluice.distribution.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "drain",
    header = "Make a running proxy take no new work and finish the old.",
    description = {
      "/health/ready answers 503 from then on, so that a load balancer before it looks elsewhere."
    },
    footer = {"", "Exit codes: 0 draining, 2 usage, 3 no admin API there."})
final class DrainCommand implements Callable<Integer> {

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final AdminOptions admin = new AdminOptions();

  DrainCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    AdminClient.Reply reply = admin.client(world).post("drain");
    if (reply.status() / 100 != 2) {
      throw Refusal.couldNotStart("drain answered " + reply.status() + ": " + reply.body());
    }
    Cli.out(spec).println("draining");
    return ExitCode.FINE;
  }
}
