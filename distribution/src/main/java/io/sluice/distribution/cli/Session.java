package io.sluice.distribution.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One life of the proxy in the foreground: start, report, obey signals, drain, close. Signals
 * become events that one thread takes in turn, so that a reload and a stop never overlap. A second
 * stop signal while the first one drains ends the process at once.
 */
final class Session {

  private enum Event {
    STOP,
    RELOAD
  }

  private final World world;
  private final PrintWriter err;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  Session(World world, PrintWriter err) {
    this.world = world;
    this.err = err;
  }

  /**
   * Runs until a signal says to stop, or until {@code limit} is over.
   *
   * @param limit how long at most, or null for no limit
   * @param ready told when every listener is bound
   */
  int run(Path config, @Nullable Duration limit, Consumer<Engine.Running> ready) throws Refusal {
    world.signals().on("TERM", () -> stop(15));
    world.signals().on("INT", () -> stop(2));
    world.signals().on("HUP", () -> events.add(Event.RELOAD));
    try (Engine.Running running = world.engine().start(config)) {
      ready.accept(running);
      long deadline = limit == null ? Long.MAX_VALUE : System.nanoTime() + limit.toNanos();
      while (next(limit == null ? null : deadline - System.nanoTime()) == Event.RELOAD) {
        report(running.reload());
      }
      drain(running);
    }
    return ExitCode.FINE;
  }

  private void stop(int signal) {
    if (stopping.compareAndSet(false, true)) {
      events.add(Event.STOP);
    } else {
      Runtime.getRuntime().halt(128 + signal);
    }
  }

  private Event next(@Nullable Long nanos) {
    try {
      Event event = nanos == null ? events.take() : events.poll(nanos, TimeUnit.NANOSECONDS);
      return event == null ? Event.STOP : event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Event.STOP;
    }
  }

  private void report(Engine.Reload reload) {
    err.println(
        reload.accepted()
            ? "sluice: reloaded"
            : "sluice: reload refused, the running config stays in force:");
    for (String line : reload.lines()) {
      err.println("  " + line);
    }
    err.flush();
  }

  private void drain(Engine.Running running) {
    String limit = Durations.text(running.shutdownTimeout());
    say("sluice: draining for up to " + limit);
    say(
        running.drain()
            ? "sluice: drained, stopping"
            : "sluice: " + limit + " are over, closing what is still open");
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
