package io.sluice.distribution;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One command of the launcher, run to its end. */
record Command(int exitCode, List<String> out, List<String> err) {

  static Command sluice(String... arguments) {
    return sluice(Map.of(), arguments);
  }

  static Command sluice(Map<String, String> environment, String... arguments) {
    try (SluiceProcess process = SluiceProcess.launch(environment, arguments)) {
      int code = process.exitCode(Duration.ofSeconds(60));
      return new Command(code, List.copyOf(process.out()), List.copyOf(process.err()));
    }
  }

  /** Everything it printed. */
  String text() {
    return String.join("\n", out) + "\n" + String.join("\n", err);
  }
}
