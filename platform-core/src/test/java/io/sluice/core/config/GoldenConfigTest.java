package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that are accepted, and files that are refused with exactly the problems in the {@code
 * .problems} file beside them.
 */
class GoldenConfigTest {
  private static final Path FOLDER = Path.of("src/test/resources/io/sluice/core/config");
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PORT", "8080",
          "BAD_PORT", "80a",
          "EMPTY", "",
          "LIMIT", "7",
          "SWITCH", "TRUE",
          "ADMIN_PASSWORD", "hunter3");

  static Stream<Path> accepted() throws IOException {
    return cases("accept");
  }

  static Stream<Path> refused() throws IOException {
    return cases("reject");
  }

  private static Stream<Path> cases(String folder) throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
      List<Path> cases = files.filter(p -> p.toString().endsWith(".conf")).sorted().toList();
      assertThat(cases).isNotEmpty();
      return cases.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void acceptsWithoutAProblem(Path file) throws IOException {
    assertThat(problemsOf(file)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesWithExactlyTheseProblems(Path file) throws IOException {
    Path expected = Path.of(file.toString().replaceAll("\\.conf$", ".problems"));
    assertThat(problemsOf(file)).isEqualTo(Files.readString(expected));
  }

  @Test
  void acceptsTheNotationOfEveryDocumentedKey() throws IOException {
    Problems problems = new Problems();
    LocatedSection root = ConfigLoader.load(FOLDER.resolve("contract.conf"), ENVIRONMENT, problems);
    assertThat(problems.render()).isEmpty();
    assertThat(root).isNotNull();
    assertThat(root.keys())
        .containsExactly(
            "listeners",
            "routes",
            "middleware",
            "caches",
            "upstreams",
            "admin",
            "access-log",
            "tracing",
            "runtime",
            "log-level");
  }

  @Test
  void acceptsTheExamplesOfTheGuide() throws IOException {
    String guide = Files.readString(Path.of("../docs/configuration.md"));
    Map<String, String> environment = Map.of("APP_1", "127.0.0.1:9001");
    List<String> examples =
        Pattern.compile("```hocon\n(.*?)```", Pattern.DOTALL)
            .matcher(guide)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      Problems problems = new Problems();
      assertThat(ConfigLoader.parse(FOLDER, example, environment, problems)).isNotNull();
      assertThat(problems.render()).isEmpty();
    }
  }

  private static String problemsOf(Path file) throws IOException {
    Problems problems = new Problems();
    LocatedSection root = ConfigLoader.load(file, ENVIRONMENT, problems);
    if (root != null) {
      Sample.read(root);
      root.reportUnread();
    }
    StringBuilder text = new StringBuilder();
    for (String line : problems.render()) {
      text.append(line.replace(file.getParent() + "/", "")).append('\n');
    }
    return text.toString();
  }
}
