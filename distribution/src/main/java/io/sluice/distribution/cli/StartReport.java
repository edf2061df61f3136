package io.sluice.distribution.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The one block that a start prints. */
final class StartReport {

  private StartReport() {}

  static List<String> lines(Engine.Running running, Path config, Duration took, long pid) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "sluice %s ready in %.2f s (pid %d, %s)",
            World.version(),
            took.toMillis() / 1000.0,
            pid,
            config));
    for (Engine.Listener listener : running.listeners()) {
      lines.add(row("listener " + listener.name(), String.join(", ", listener.addresses())));
    }
    lines.add(
        row("upstreams", running.upstreams() + " with " + count(running.endpoints(), "endpoint")));
    String admin = running.admin();
    lines.add(row("admin", admin == null ? "off" : "http://" + admin + "/"));
    return lines;
  }

  /**
   * Since the JVM began. The time that the operating system tells of a process is counted from a
   * boot time in whole seconds, and so off by up to one.
   */
  static Duration sinceJvmStart() {
    return Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
  }

  private static String row(String label, String value) {
    return String.format(Locale.ROOT, "  %-18s %s", label, value);
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
