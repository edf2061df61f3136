package io.sluice.core.observe;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/** What the operating system counts for this process; what it does not tell is left out. */
final class ProcessStatistics {

  private static final Path STATUS = Path.of("/proc/self/status");

  void collect(List<MetricSnapshot> all) {
    double startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
    all.add(
        ProcessMeters.gaugeOf(
            "process_start_time_seconds", "Start, in seconds since the epoch.", startMillis / 1e3));
    java.lang.management.OperatingSystemMXBean bean = ManagementFactory.getOperatingSystemMXBean();
    if (bean instanceof OperatingSystemMXBean system) {
      all.add(
          ProcessMeters.counterOf(
              "process_cpu_seconds",
              "Processor time used, user and system.",
              Math.max(0, system.getProcessCpuTime() / 1e9)));
    }
    if (bean instanceof UnixOperatingSystemMXBean unix) {
      all.add(
          ProcessMeters.gaugeOf(
              "process_open_fds",
              "Open file descriptors.",
              (double) unix.getOpenFileDescriptorCount()));
      all.add(
          ProcessMeters.gaugeOf(
              "process_max_fds",
              "Most file descriptors that may be open.",
              (double) unix.getMaxFileDescriptorCount()));
    }
    residentBytes()
        .ifPresent(
            bytes ->
                all.add(
                    ProcessMeters.gaugeOf(
                        "process_resident_memory_bytes", "Resident memory.", bytes)));
  }

  /** Linux only; elsewhere, and where /proc cannot be read, empty. */
  private static OptionalDouble residentBytes() {
    if (!Files.isReadable(STATUS)) {
      return OptionalDouble.empty();
    }
    try {
      return Files.readAllLines(STATUS, StandardCharsets.UTF_8).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }
}
