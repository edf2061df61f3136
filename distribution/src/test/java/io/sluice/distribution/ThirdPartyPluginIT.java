package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what {@code docs/plugin-template/README.md} tells a stranger to do: copies the template,
 * builds it alone against the unpacked distribution, drops it into {@code plugins/}, selects it by
 * config.
 */
class ThirdPartyPluginIT {

  private static final String JAR = "sluice-maintenance-1.0.0.jar";

  @TempDir static Path workshop;
  @TempDir Path folder;

  private final Path plugins = Installation.home().resolve("plugins");

  @BeforeAll
  static void buildTheTemplate() throws IOException, InterruptedException {
    copy(Installation.home().resolve("docs/plugin-template"), workshop.resolve("maintenance"));
    Path log = workshop.resolve("build.log");
    Process maven =
        new ProcessBuilder("mvn", "-B", "-q", "package", "-Dsluice.home=" + Installation.home())
            .directory(workshop.resolve("maintenance").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(maven.waitFor(5, TimeUnit.MINUTES)).as("the build ended").isTrue();
      assertThat(maven.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      maven.destroyForcibly();
    }
  }

  @AfterEach
  void takeThePluginOut() throws IOException {
    Files.deleteIfExists(plugins.resolve(JAR));
    Path isolated = plugins.resolve("maintenance");
    if (Files.isDirectory(isolated)) {
      for (Path jar : list(isolated)) {
        Files.delete(jar);
      }
      Files.delete(isolated);
    }
  }

  @Test
  void worksAsAJarWithTheLibrariesOfThePlatform() throws IOException {
    Files.copy(target().resolve(JAR), plugins.resolve(JAR));

    assertThat(libraryInUse()).isEqualTo(theOne(Installation.home().resolve("lib"), "re2j-"));
    assertThat(Command.sluice("plugins").text()).contains("maintenance").contains("retry-after");
  }

  @Test
  void worksAsAFolderWithTheVersionOfALibraryThatItBrings() throws IOException {
    install();

    assertThat(libraryInUse())
        .isEqualTo(theOne(target().resolve("lib"), "re2j-"))
        .isNotEqualTo(theOne(Installation.home().resolve("lib"), "re2j-"));
    assertThat(Command.sluice("plugins").text()).contains("maintenance").contains("retry-after");
  }

  @Test
  void aChangedFolderIsTakenByAReloadWhileTheProxyRuns() throws IOException {
    Path isolated = install();
    Path lib = Installation.home().resolve("lib");
    String other = theOne(lib, "re2j-");
    try (ScriptedEndpoint app = ScriptedEndpoint.named("app");
        SluiceProcess sluice = SluiceProcess.run(folder, config(app))) {
      String before = library(sluice);
      Files.delete(isolated.resolve(before));
      Files.copy(lib.resolve(other), isolated.resolve(other));
      assertThat(library(sluice)).isEqualTo(before);

      Wire.Message reload = Client.call(sluice.adminPort(), "POST", "/reload", List.of());

      assertThat(reload.status()).as(reload.text()).isEqualTo(200);
      assertThat(library(sluice)).isEqualTo(other).isNotEqualTo(before);
    }
  }

  @Test
  void isMissedByNameWhereItIsNotInstalled() {
    try (ScriptedEndpoint app = ScriptedEndpoint.named("app")) {
      Path config = SluiceProcess.write(folder, config(app));

      Command check = Command.sluice("check", config.toString());

      assertThat(check.exitCode()).isEqualTo(1);
      assertThat(check.text()).contains("no middleware \"maintenance\"");
    }
  }

  @Test
  void itsConfigIsCheckedLikeAnyOther() throws IOException {
    Files.copy(target().resolve(JAR), plugins.resolve(JAR));
    try (ScriptedEndpoint app = ScriptedEndpoint.named("app")) {
      String broken = config(app).replace("tell-library", "tell-libary").replace("(/.*)?", "(");
      Path config = SluiceProcess.write(folder, broken);

      Command check = Command.sluice("check", config.toString());

      assertThat(check.exitCode()).isEqualTo(1);
      assertThat(check.text())
          .contains("did you mean \"tell-library\"?")
          .contains("expected: a regular expression (RE2)");
    }
  }

  private Path install() throws IOException {
    Path isolated = Files.createDirectory(plugins.resolve("maintenance"));
    Files.copy(target().resolve(JAR), isolated.resolve(JAR));
    for (Path library : list(target().resolve("lib"))) {
      Files.copy(library, isolated.resolve(library.getFileName()));
    }
    return isolated;
  }

  private static String library(SluiceProcess sluice) {
    Wire.Message closed = Client.get(sluice.port("web"), "/shop");
    assertThat(closed.status()).isEqualTo(503);
    return String.valueOf(closed.header("X-Maintenance-Library"));
  }

  /** Runs the proxy with the plugin; answers the jar that the plugin says it got RE2/J from. */
  private String libraryInUse() {
    try (ScriptedEndpoint app = ScriptedEndpoint.named("app");
        SluiceProcess sluice = SluiceProcess.run(folder, config(app))) {
      int port = sluice.port("web");
      assertThat(Client.get(port, "/open").text()).isEqualTo("app");
      Wire.Message closed = Client.get(port, "/shop/cart");
      assertThat(closed.status()).isEqualTo(503);
      assertThat(closed.text()).isEqualTo("Closed.\n");
      assertThat(closed.header("Retry-After")).isEqualTo("90");
      assertThat(app.received()).hasSize(1);
      assertThat(Client.get(sluice.adminPort(), "/metrics").text())
          .contains("maintenance_pages_total");
      return String.valueOf(closed.header("X-Maintenance-Library"));
    }
  }

  private static String config(ScriptedEndpoint app) {
    return """
        listeners.web.bind = "127.0.0.1:0"
        admin.bind = "127.0.0.1:0"
        upstreams.app.endpoints = ["127.0.0.1:%d"]
        routes = [
          { middleware = [
              { type = maintenance, paths = "/shop(/.*)?", message = "Closed.", retry-after = 90s
                tell-library = on } ]
            upstream = app }
        ]
        """
        .formatted(app.port());
  }

  private static Path target() {
    return workshop.resolve("maintenance").resolve("target");
  }

  private static String theOne(Path folder, String prefix) throws IOException {
    return list(folder).stream()
        .map(path -> path.getFileName().toString())
        .filter(name -> name.startsWith(prefix))
        .findFirst()
        .orElseThrow();
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(from)) {
      tree.filter(path -> !path.startsWith(from.resolve("target"))).forEach(sources::add);
    }
    for (Path source : sources) {
      Path copy = to.resolve(from.relativize(source).toString());
      if (Files.isDirectory(source)) {
        Files.createDirectories(copy);
      } else {
        Files.copy(source, copy);
      }
    }
  }
}
