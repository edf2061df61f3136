package io.sluice.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code bin/sluice} finds its JVM and its place. */
class LauncherIT {

  @TempDir Path folder;

  @Test
  void refusesAJvmThatIsTooOldAndSaysWhichItFound() throws IOException {
    Path java = fakeJava("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
    Command refused = Command.sluice(Map.of("SLUICE_JAVA_HOME", java.toString()), "version");
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err()).hasSize(1);
    assertThat(refused.text()).contains("Java 17 or newer").contains("11.0.2");
  }

  @Test
  void saysWhereAJvmIsMissing() {
    Command refused = Command.sluice(Map.of("SLUICE_JAVA_HOME", folder.toString()), "version");
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.text()).contains("SLUICE_JAVA_HOME").contains(folder.toString());
  }

  @Test
  void worksThroughALinkAndFromAnyFolder() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("s"), Installation.launcher());
    Process process =
        new ProcessBuilder(link.toString(), "version").directory(folder.toFile()).start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).startsWith("sluice ");
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void passesSluiceOptsToTheJvmEvenACollectorOfItsOwn() {
    Map<String, String> options =
        Map.of("SLUICE_OPTS", "-XX:+UseSerialGC -Xmx64m -XX:+PrintCommandLineFlags");
    Command version = Command.sluice(options, "version");
    assertThat(version.exitCode()).as(version.text()).isZero();
    assertThat(version.text()).contains("-XX:+UseSerialGC").contains("MaxHeapSize=67108864");
  }

  @Test
  void keepsAClassArchiveWhereItIsToldAndStartsWithoutOneToo() throws IOException {
    Path cache = folder.resolve("cache");
    Map<String, String> environment = Map.of("SLUICE_CACHE", cache.toString());
    assertThat(Command.sluice(environment, "version").exitCode()).isZero();
    try (var files = Files.list(cache)) {
      assertThat(files.map(file -> file.getFileName().toString()).toList())
          .anyMatch(name -> name.endsWith(".jsa"));
    }
    assertThat(Command.sluice(environment, "version").out()).hasSize(1);

    Path readOnly = Files.createDirectory(folder.resolve("read-only"));
    Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-xr-xr-x"));
    assertThat(Command.sluice(Map.of("SLUICE_CACHE", "off"), "version").exitCode()).isZero();
    Command without =
        Command.sluice(
            Map.of("SLUICE_CACHE", readOnly.resolve("x").toString(), "HOME", readOnly.toString()),
            "version");
    assertThat(without.exitCode()).as(without.text()).isZero();
    assertThat(without.err()).isEmpty();
  }

  @Test
  void becomesTheJvmSoThatSignalsReachIt() throws IOException {
    Path java = fakeJava("echo \"pid $$\"; exit 0");
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"21.0.1\"\n");
    try (SluiceProcess process =
        SluiceProcess.launch(Map.of("SLUICE_JAVA_HOME", java.toString()), "version")) {
      assertThat(process.exitCode(Duration.ofSeconds(20))).isZero();
      assertThat(process.out()).containsExactly("pid " + process.pid());
    }
  }

  private Path fakeJava(String body) throws IOException {
    Path home = Files.createDirectories(folder.resolve("java home"));
    Path bin = Files.createDirectories(home.resolve("bin"));
    Path java = Files.writeString(bin.resolve("java"), "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }
}
