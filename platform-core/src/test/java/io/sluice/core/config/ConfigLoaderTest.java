package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  private final Problems problems = new Problems();

  @TempDir Path folder;

  @Test
  void throwsWhenTheFileItselfCannotBeRead() {
    assertThatThrownBy(() -> ConfigLoader.load(folder.resolve("no.conf"), Map.of(), problems))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(problems.isEmpty()).isTrue();
  }

  @Test
  void refusesWhatIsNoUtf8() throws IOException {
    Path file = folder.resolve("latin.conf");
    Files.write(file, new byte[] {'a', '=', (byte) 0xE9});
    assertThat(ConfigLoader.load(file, Map.of(), problems)).isNull();
    assertThat(problems.render()).containsExactly(file + ":1: is not text in UTF-8");
  }

  @Test
  void refusesAnIncludeThatIsNoUtf8() throws IOException {
    Path included = folder.resolve("latin.conf");
    Files.write(included, new byte[] {'a', '=', (byte) 0xE9});
    assertThat(loadMain("include \"latin.conf\"")).isNull();
    assertThat(problems.render()).containsExactly(included + ":1: is not text in UTF-8");
  }

  @Test
  void includesRelativeToTheIncludingFile() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    Files.writeString(folder.resolve("a/one.conf"), "one = 1, include \"b/two\", cert = x.pem");
    Files.writeString(folder.resolve("a/b/two.conf"), "two = 2, cert2 = x.pem");
    LocatedSection root = loadMain("nested { include \"a/one.conf\" }");
    assertThat(root).isNotNull();
    LocatedSection nested = LocatedSection.of(root.section("nested").required());
    assertThat(nested.keys()).containsExactly("one", "two", "cert2", "cert");
    assertThat(nested.file("cert").required()).isEqualTo(folder.resolve("a/x.pem"));
    assertThat(nested.file("cert2").required()).isEqualTo(folder.resolve("a/b/x.pem"));
  }

  @Test
  void includesWhatMatchesAPatternSortedAndTheLaterWins() throws IOException {
    Files.createDirectories(folder.resolve("conf.d"));
    Files.writeString(folder.resolve("conf.d/20.conf"), "a = 20");
    Files.writeString(folder.resolve("conf.d/10.conf"), "a = 10, b = 10");
    Files.writeString(folder.resolve("conf.d/.hidden.conf"), "a = 99");
    Files.writeString(folder.resolve("conf.d/30.txt"), "a = 99");
    Files.createDirectories(folder.resolve("conf.d/folder.conf"));
    LocatedSection root = loadMain("include \"conf.d/*.conf\"");
    assertThat(root).isNotNull();
    assertThat(root.string("a").required()).isEqualTo("20");
    assertThat(root.string("b").required()).isEqualTo("10");
  }

  @Test
  void aPatternThatMatchesNothingIncludesNothing() throws IOException {
    LocatedSection root = loadMain("include \"*.other\", a = 1");
    assertThat(root).isNotNull();
    assertThat(root.keys()).containsExactly("a");
  }

  @Test
  void findsTheEnvironmentFromInsideAnIncludedBlock() throws IOException {
    Files.writeString(folder.resolve("in.conf"), "x = ${HOST}, y = ${?NO}, z = ${MISSING}");
    LocatedSection root = loadMain("block { include \"in.conf\" }");
    assertThat(root).isNotNull();
    assertThat(root.section("block").required().string("x").required()).isEqualTo("example.com");
    assertThat(problems.render())
        .singleElement()
        .asString()
        .startsWith(folder.resolve("in.conf") + ":1: block.z: ${MISSING} is not set");
  }

  private LocatedSection loadMain(String text) throws IOException {
    Path main = folder.resolve("main.conf");
    Files.writeString(main, text);
    return ConfigLoader.load(main, Map.of("HOST", "example.com"), problems);
  }

  @Test
  void theEnvironmentDoesNotLeakIntoTheConfiguration() {
    Map<String, String> environment =
        Map.of("PATH", "/bin", "a", "z", "b.c", "z", "%%", "z", "d", "z");
    Loaded loaded = Loaded.of("a { x = 1 }, d = 5", environment);
    assertThat(loaded.root().effective()).isEqualTo("{\"a\":{\"x\":1},\"d\":5}");
  }

  @Test
  void aKeyOfTheConfigurationComesBeforeTheEnvironment() {
    Loaded loaded = Loaded.of("HOST = here, a = ${HOST}", Map.of("HOST", "there"));
    assertThat(loaded.root().string("a").required()).isEqualTo("here");
  }

  @Test
  void anOptionalOverrideKeepsTheEarlierValueWhereUnset() {
    String text = "a = 1, a = ${?SET}, b = 2, b = ${?UNSET}";
    Loaded loaded = Loaded.of(text, Map.of("SET", "9"));
    assertThat(loaded.root().string("a").required()).isEqualTo("9");
    assertThat(loaded.root().string("b").required()).isEqualTo("2");
  }

  @Test
  void aValueFromTheEnvironmentStandsWhereItIsReferredTo() {
    Loaded loaded =
        Loaded.of(
            "a = 1\nb {\n  port = ${P}\n}\nlist = [\n  ${?NO}\n  5\n  ${P}\n]", Map.of("P", "x"));
    loaded.root().section("b").required().integer("port", 0, 9).required();
    loaded.root().elements("list").required().get(1).problem("is wrong", "");
    assertThat(loaded.rendered())
        .containsExactly(
            "3: b.port: \"x\" is not a whole number (expected: a whole number from 0 to 9)",
            "8: list[1]: is wrong");
  }

  @Test
  void aReferenceThatLeadsNowhereIsReportedOnceAndNotAgainByItsReader() {
    Loaded loaded = Loaded.of("a = ${NO}\nb = [x, ${NO}]\nc = \"x\"${NO}\nd = ${NO.SUCH}");
    LocatedSection root = loaded.root();
    assertThat(root.integer("a", 1, 9).required()).isEqualTo(1);
    assertThat(root.strings("b").required()).containsExactly("x");
    assertThat(root.elements("b").required()).hasSize(1);
    assertThat(root.section("c").optional()).isEmpty();
    assertThat(root.element("d").optional()).isEmpty();
    root.reportUnread();
    assertThat(loaded.problems().sorted())
        .extracting(Problem::line, Problem::path)
        .containsExactly(tuple(1, "a"), tuple(2, "b[1]"), tuple(3, "c"), tuple(4, "d"));
  }

  @Test
  void refusesNestingThatWouldExhaustTheStack() {
    String text = "a = " + "[".repeat(50_000);
    assertThat(ConfigLoader.parse(Path.of("deep.conf"), text, Map.of(), problems)).isNull();
    assertThat(problems.render()).contains("deep.conf:1: nests more than 100 blocks or lists");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "}",
        "]",
        "{",
        "[",
        "=",
        "a",
        "a =",
        "a = {",
        "a = [",
        "a = [}",
        "a = {]",
        "\"",
        "\"\"\"",
        "${",
        "a = ${",
        "a = \"",
        "include",
        "include \"",
        "a..b = 1",
        ".",
        "a = [,]",
        "a = ,",
        "a += ",
        "a = +",
        "//",
        "#",
        "a : : b",
        "a = b : c",
        "{}}",
        "{a=1}{",
        "[1]",
        "a = \"\\",
        "include file(",
        "include required(\"x\""
      })
  void neverThrowsWhateverTheText(String text) {
    LocatedSection root = ConfigLoader.parse(Path.of("x.conf"), text, Map.of(), problems);
    assertThat(root == null).as("%s", problems.render()).isEqualTo(!problems.isEmpty());
  }

  @Test
  void neverThrowsOnAConfigurationCutShort() throws IOException {
    String text =
        Files.readString(Path.of("src/test/resources/io/sluice/core/config/contract.conf"));
    for (int end = 0; end < text.length(); end += 7) {
      Problems found = new Problems();
      LocatedSection root =
          ConfigLoader.parse(Path.of("x.conf"), text.substring(0, end), Map.of(), found);
      assertThat(root != null || !found.isEmpty()).isTrue();
    }
  }
}
