package io.sluice.distribution.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CliTest {

  @TempDir Path home;

  private final FakeEngine engine = new FakeEngine();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int sluice(String... arguments) {
    CommandLine line =
        Cli.commandLine(new World(engine, Map.of(), home, new FakeSignals()))
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private String config() throws IOException {
    return Files.writeString(home.resolve("a.conf"), "").toString();
  }

  @Test
  void checkPrintsProblemsOnStandardOutputAndTheirNumberOnStandardError() throws IOException {
    engine.problems = List.of("a.conf:1: x: wrong (expected: right)", "a.conf:2: y: wrong");
    String config = config();
    assertThat(sluice("check", config)).isEqualTo(1);
    assertThat(out.toString().lines()).containsExactlyElementsOf(engine.problems);
    assertThat(err.toString()).contains("2 problems");
  }

  @Test
  void checkSaysValid() throws IOException {
    assertThat(sluice("check", config())).isZero();
    assertThat(out.toString()).endsWith("a.conf: valid\n");
  }

  @Test
  void checkAnswers3ForAFileThatIsNotThere() {
    assertThat(sluice("check", home.resolve("b.conf").toString())).isEqualTo(3);
    assertThat(err.toString()).contains("cannot read").contains("no such file");
    assertThat(sluice("check", home.toString())).isEqualTo(3);
    assertThat(err.toString()).contains("it is a folder");
  }

  @Test
  void checkWithoutAFileTakesTheOneOfTheInstallation() throws IOException {
    Files.createDirectories(home.resolve("conf"));
    Files.writeString(home.resolve("conf").resolve("sluice.conf"), "");
    assertThat(sluice("check")).isZero();
  }

  @Test
  void explainPassesHeadersAndRefusesWhatIsNone() throws IOException {
    assertThat(sluice("explain", config(), "GET", "http://x/a", "-H", "X-A: 1", "-H", "X-B:2"))
        .isZero();
    assertThat(out.toString()).contains("GET http://x/a [X-A=1, X-B=2]");
    assertThat(sluice("explain", config(), "GET", "/a", "-H", "nonsense")).isEqualTo(2);
    assertThat(err.toString()).contains("'nonsense' is not a header");
  }

  @Test
  void pluginsShowKeysUnlessBrief() {
    assertThat(sluice("plugins")).isZero();
    assertThat(out.toString())
        .contains("cors.jar")
        .contains("how long (default: 1h)")
        .contains("who may (required)");
    out.getBuffer().setLength(0);
    assertThat(sluice("plugins", "--brief", "cors")).isZero();
    assertThat(out.toString()).contains("cors.jar").doesNotContain("max-age");
  }

  @Test
  void pluginsMakeAPageOfTheirKeys() {
    assertThat(sluice("plugins", "--markdown")).isZero();
    assertThat(out.toString())
        .contains("### middleware `cors`")
        .contains("| key | takes | default | meaning |")
        .contains("| `1h` | how long |")
        .contains("| required | who may |");
  }

  @Test
  void aMistypedCommandIsAUsageErrorWithAHint() {
    assertThat(sluice("chek")).isEqualTo(2);
    assertThat(err.toString())
        .contains("'chek' is neither a command nor a file (did you mean \"check\"?)");
  }

  @Test
  void anUnknownOptionIsAUsageError() {
    assertThat(sluice("status", "--jsn")).isEqualTo(2);
    assertThat(err.toString()).contains("unknown option --jsn").contains("sluice help status");
  }

  @Test
  void anAdminApiThatIsNotThereIsSaidPlainly() {
    assertThat(sluice("status", "--admin", "http://127.0.0.1:1")).isEqualTo(3);
    assertThat(err.toString()).contains("no admin API at http://127.0.0.1:1/");
  }

  @Test
  void demoRefusesATimeWithoutUnit() {
    assertThat(sluice("demo", "--for", "5")).isEqualTo(2);
    assertThat(err.toString()).contains("'5' is not a time");
  }
}
