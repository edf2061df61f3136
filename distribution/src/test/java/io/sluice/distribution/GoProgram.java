package io.sluice.distribution;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program written in Go that tests drive: the one on PATH or among Go's own, else the one in the
 * user's cache folder, which {@code go install} puts there once.
 *
 * @param name of its folder in the cache, in messages too
 * @param files what it may be called
 * @param module what to install
 * @param version of the module, without the v
 * @param sign what its answer to {@code --version} begins with: many programs share a name
 */
public record GoProgram(
    String name, List<String> files, String module, String version, String sign) {

  /** Where it is; fails with one line that says what to do when it cannot be had. */
  public Path find() {
    List<Path> places = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        places.add(Path.of(folder));
      }
    }
    output(List.of("go", "env", "GOPATH"), 30)
        .filter(folder -> !folder.isBlank())
        .ifPresent(folder -> places.add(Path.of(folder.strip(), "bin")));
    places.add(cache());
    return find(places).orElseGet(this::install);
  }

  private Optional<Path> find(List<Path> places) {
    return places.stream()
        .flatMap(place -> files.stream().map(place::resolve))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .filter(this::isIt)
        .findFirst();
  }

  private boolean isIt(Path file) {
    return output(List.of(file.toString(), "--version"), 10)
        .filter(text -> text.startsWith(sign))
        .isPresent();
  }

  private Path cache() {
    String set = System.getenv("XDG_CACHE_HOME");
    Path caches =
        set == null || set.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(set);
    return caches.resolve("sluice").resolve(name + "-" + version);
  }

  private Path install() {
    Path cache = cache();
    String wanted = module + "@v" + version;
    String problem = "Go is not installed";
    try {
      Files.createDirectories(cache);
      ProcessBuilder builder =
          new ProcessBuilder("go", "install", wanted).redirectErrorStream(true);
      builder.environment().putAll(Map.of("GOBIN", cache.toString(), "GOFLAGS", ""));
      problem = run(builder, 300).filter(text -> !text.isBlank()).orElse("it did not end in time");
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    String[] said = problem.strip().split("\n");
    String reason = said[said.length - 1];
    return find(List.of(cache))
        .orElseThrow(
            () ->
                new AssertionError(
                    "no %s on PATH, among Go's programs or in %s, and `go install %s` made none (%s): install Go 1.23 or later, or %s"
                        .formatted(name, cache, wanted, reason, files.get(0))));
  }

  private static Optional<String> output(List<String> command, int seconds) {
    try {
      return run(new ProcessBuilder(command), seconds);
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** What a program printed; nothing when it did not end in time. */
  private static Optional<String> run(ProcessBuilder builder, int seconds) throws IOException {
    Path printed = Files.createTempFile("printed", ".txt");
    try {
      Process process = builder.redirectOutput(printed.toFile()).start();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return Optional.of(Files.readString(printed, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      Files.deleteIfExists(printed);
    }
  }
}
