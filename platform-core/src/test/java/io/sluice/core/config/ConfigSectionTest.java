package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.config.ConfigSection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigSectionTest {

  // ---- where it stands

  @Test
  void knowsItsPathAndPlace() {
    LocatedSection root =
        Loaded.of("\nupstreams {\n  \"a.b\" {\n    probe { x = 1 }\n  }\n}").root();
    ConfigSection probe =
        root.section("upstreams").required().section("a.b").required().section("probe").required();
    assertThat(probe.path()).isEqualTo("upstreams.\"a.b\".probe");
    assertThat(probe.location()).isEqualTo("/etc/sluice/test.conf:4");
    assertThat(root.path()).isEmpty();
    assertThat(root.location()).isEqualTo("/etc/sluice/test.conf:1");
  }

  @Test
  void tellsItsKeysInTheOrderOfTheFile() {
    LocatedSection root =
        Loaded.of("zebra = 1, beta = 2, alpha.x = 3, gamma = null, beta = 4, delta = ${?NO}")
            .root();
    assertThat(root.keys()).containsExactly("zebra", "beta", "alpha");
    assertThat(root.has("alpha")).isTrue();
    assertThat(root.has("alpha.x")).isFalse();
    assertThat(root.has("gamma")).isFalse();
    assertThat(root.has("delta")).isFalse();
  }

  @Test
  void lookingAtKeysDoesNotCountAsReading() {
    Loaded loaded = Loaded.of("a = 1");
    assertThat(loaded.root().has("a")).isTrue();
    assertThat(loaded.root().keys()).containsExactly("a");
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).containsExactly("1: a: unknown key");
  }

  // ---- single values

  @Test
  void readsText() {
    LocatedSection root = Loaded.of("a = some words, b = \"\", c = 1.10, d = true").root();
    assertThat(root.string("a").required()).isEqualTo("some words");
    assertThat(root.string("b").required()).isEmpty();
    assertThat(root.string("c").required()).isEqualTo("1.10");
    assertThat(root.string("d").required()).isEqualTo("true");
  }

  @ParameterizedTest
  @CsvSource({
    "on,true",
    "true,true",
    "yes,true",
    "TRUE,true",
    "\"On\",true",
    "off,false",
    "false,false",
    "no,false",
    "\"false\",false"
  })
  void readsFlags(String text, boolean expected) {
    assertThat(Loaded.of("a = " + text).root().flag("a").required()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0", "enabled", "\"\"", "[on]", "{}"})
  void refusesOtherFlags(String text) {
    Loaded loaded = Loaded.of("a = " + text);
    assertThat(loaded.root().flag("a").orElse(true)).isTrue();
    assertThat(loaded.rendered()).singleElement().asString().endsWith("(expected: on or off)");
  }

  @Test
  void readsWholeNumbersWithinTheirBounds() {
    Loaded loaded = Loaded.of("a = 5, b = \"6\", c = -3, d = 9223372036854775807, e = 0, f = 11");
    LocatedSection root = loaded.root();
    assertThat(root.integer("a", 5, 10).required()).isEqualTo(5);
    assertThat(root.integer("b", 1, 6).required()).isEqualTo(6);
    assertThat(root.integer("c", -3, 10).required()).isEqualTo(-3);
    assertThat(root.integer("d", 0, Long.MAX_VALUE).required()).isEqualTo(Long.MAX_VALUE);
    assertThat(loaded.problems().isEmpty()).isTrue();
    assertThat(root.integer("e", 1, 10).required()).isEqualTo(1);
    assertThat(root.integer("f", 1, 10).required()).isEqualTo(1);
    assertThat(loaded.rendered())
        .containsExactly(
            "1: e: \"0\" is out of range (expected: a whole number from 1 to 10)",
            "1: f: \"11\" is out of range (expected: a whole number from 1 to 10)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "1e3", "ten", "5s", "99999999999999999999", "\"\"", "+5", "0x10"})
  void refusesWhatIsNoWholeNumber(String text) {
    Loaded loaded = Loaded.of("a = \"" + text.replace("\"", "") + "\"");
    loaded.root().integer("a", 0, 10).required();
    assertThat(loaded.rendered())
        .singleElement()
        .asString()
        .endsWith("(expected: a whole number from 0 to 10)");
  }

  @Test
  void readsNumbers() {
    Loaded loaded = Loaded.of("a = 0.25, b = \"1\", c = 1.5, d = NaN");
    LocatedSection root = loaded.root();
    assertThat(root.number("a", 0, 1).required()).isEqualTo(0.25);
    assertThat(root.number("b", 0, 1).required()).isEqualTo(1.0);
    assertThat(root.number("c", 0, 1).orElse(0.7)).isEqualTo(0.7);
    assertThat(root.number("d", 0, Double.MAX_VALUE).optional()).isEmpty();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: c: \"1.5\" is out of range (expected: a number from 0 to 1)",
            "1: d: \"NaN\" is not a number (expected: a number of at least 0)");
  }

  @Test
  void readsShares() {
    Loaded loaded = Loaded.of("a = 20%, b = 0, c = 0.5 %, d = 101%, e = 0.2, f = 30");
    LocatedSection root = loaded.root();
    assertThat(root.share("a", 100).required()).isEqualTo(0.2);
    assertThat(root.share("b", 100).required()).isEqualTo(0.0);
    assertThat(root.share("c", 100).required()).isEqualTo(0.005);
    assertThat(loaded.problems().isEmpty()).isTrue();
    root.share("d", 100).required();
    root.share("e", 100).required();
    root.share("f", 100).required();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: d: \"101%\" is too much (expected: a share from 0% to 100%)",
            "1: e: \"0.2\" has no unit (expected: 20%)",
            "1: f: \"30\" has no unit (expected: 30%)");
  }

  @Test
  void readsDurationsAndTimeouts() {
    Loaded loaded = Loaded.of("a = 1h30m, b = off, c = 250ms, d = off, e = 0");
    LocatedSection root = loaded.root();
    assertThat(root.duration("a").required()).isEqualTo(Duration.ofMinutes(90));
    assertThat(root.timeout("b").required()).isEqualTo(ConfigSection.OFF);
    assertThat(root.timeout("c").required()).isEqualTo(Duration.ofMillis(250));
    assertThat(root.duration("e").required()).isZero();
    assertThat(loaded.problems().isEmpty()).isTrue();
    assertThat(root.duration("d").required()).isZero();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: d: \"off\" is not a duration (expected: a duration such as 250ms, 30s or 1h30m)");
  }

  @Test
  void readsSizesAndBounds() {
    Loaded loaded =
        Loaded.of("a = 64K, b = unlimited, c = 8MB, d = 5, e = unlimited, f = 0, g = 7K");
    LocatedSection root = loaded.root();
    assertThat(root.size("a").required()).isEqualTo(65_536);
    assertThat(root.sizeBound("b").required()).isEqualTo(ConfigSection.UNLIMITED);
    assertThat(root.sizeBound("c").required()).isEqualTo(8L << 20);
    assertThat(root.bound("d", 1).required()).isEqualTo(5);
    assertThat(root.bound("e", 1).required()).isEqualTo(ConfigSection.UNLIMITED);
    assertThat(loaded.problems().isEmpty()).isTrue();
    root.bound("f", 1).required();
    root.bound("g", 1).required();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: f: \"0\" is out of range (expected: a whole number of at least 1, or unlimited)",
            "1: g: \"7K\" is not a whole number"
                + " (expected: a whole number of at least 1, or unlimited)");
  }

  @Test
  void readsChoicesInKebabCase() {
    Loaded loaded = Loaded.of("a = dark-green, b = DARK_GREEN, c = purple, d = \"\"");
    LocatedSection root = loaded.root();
    assertThat(root.choice("a", Sample.Colour.class).required())
        .isEqualTo(Sample.Colour.DARK_GREEN);
    assertThat(root.choice("b", Sample.Colour.class).orElse(Sample.Colour.BLUE))
        .isEqualTo(Sample.Colour.BLUE);
    assertThat(root.choice("c", Sample.Colour.class).required()).isEqualTo(Sample.Colour.RED);
    root.choice("d", Sample.Colour.class).required();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: b: unknown choice \"DARK_GREEN\" (did you mean \"dark-green\"?)",
            "1: c: unknown choice \"purple\" (expected: one of red, dark-green, blue)",
            "1: d: is empty (expected: one of red, dark-green, blue)");
  }

  @Test
  void readsTypedValuesThatComeAsTextFromTheEnvironment() {
    Map<String, String> environment =
        Map.of("N", "7", "F", "yes", "D", "5s", "S", "20%", "Z", "1K", "R", "0.5", "C", "blue");
    Loaded loaded =
        Loaded.of(
            "n = ${N}, f = ${?F}, d = ${?D}, s = ${?S}, z = ${?Z}, r = ${?R}, c = ${?C}",
            environment);
    LocatedSection root = loaded.root();
    assertThat(root.integer("n", 1, 9).required()).isEqualTo(7);
    assertThat(root.flag("f").required()).isTrue();
    assertThat(root.duration("d").required()).isEqualTo(Duration.ofSeconds(5));
    assertThat(root.share("s", 100).required()).isEqualTo(0.2);
    assertThat(root.size("z").required()).isEqualTo(1024);
    assertThat(root.number("r", 0, 1).required()).isEqualTo(0.5);
    assertThat(root.choice("c", Sample.Colour.class).required()).isEqualTo(Sample.Colour.BLUE);
    assertThat(loaded.rendered()).isEmpty();
  }

  @Test
  void resolvesFilesAgainstTheFolderOfTheConfiguration() {
    Loaded loaded = Loaded.of("a = certs/site.pem, b = /abs/x, c = \"a\\u0000b\"");
    LocatedSection root = loaded.root();
    assertThat(root.file("a").required()).isEqualTo(Path.of("/etc/sluice/certs/site.pem"));
    assertThat(root.file("b").required()).isEqualTo(Path.of("/abs/x"));
    assertThat(root.file("c").optional()).isEmpty();
    assertThat(loaded.rendered())
        .containsExactly("1: c: \"a?b\" cannot be the name of a file (expected: a file)");
  }

  // ---- lists and blocks

  @Test
  void readsListsOfTexts() {
    Loaded loaded = Loaded.of("a = [x, 502, \"y z\"], b = x, c = [], d = [${?NO}, x, ${?NO}]");
    LocatedSection root = loaded.root();
    assertThat(root.strings("a").required()).containsExactly("x", "502", "y z");
    assertThat(root.strings("b").required()).containsExactly("x");
    assertThat(root.strings("c").required()).isEmpty();
    assertThat(root.strings("d").required()).containsExactly("x");
    assertThat(root.strings("absent").orElse(List.of("z"))).containsExactly("z");
    assertThat(loaded.rendered()).isEmpty();
  }

  @Test
  void reportsEachMemberThatIsNoText() {
    Loaded loaded = Loaded.of("a = [\n  x\n  [y]\n  {}\n]");
    assertThat(loaded.root().strings("a").required()).containsExactly("x");
    assertThat(loaded.rendered())
        .containsExactly(
            "3: a[1]: is a list (expected: a text)", "4: a[2]: is a block (expected: a text)");
  }

  @Test
  void readsNestedBlocks() {
    Loaded loaded = Loaded.of("a { b = 1 }, c = 5");
    assertThat(loaded.root().section("a").required().string("b").required()).isEqualTo("1");
    assertThat(loaded.root().section("c").optional()).isEmpty();
    assertThat(loaded.rendered()).containsExactly("1: c: is a text (expected: a block, { … })");
  }

  @Test
  void readsListsOfBlocks() {
    Loaded loaded = Loaded.of("a = [{ x = 1 }, { x = 2 }], b = {}, c = [{}, 5]");
    LocatedSection root = loaded.root();
    List<ConfigSection> blocks = root.sections("a").required();
    assertThat(blocks).extracting(ConfigSection::path).containsExactly("a[0]", "a[1]");
    assertThat(blocks.get(1).string("x").required()).isEqualTo("2");
    assertThat(root.sections("b").required()).isEmpty();
    assertThat(root.sections("c").required()).hasSize(1);
    assertThat(loaded.rendered())
        .containsExactly(
            "1: b: is a block (expected: a list of blocks, [ { … } ])",
            "1: c[1]: is a text (expected: a block, { … })");
  }

  @Test
  void readsWhateverKeysAreLeftAsTexts() {
    Loaded loaded = Loaded.of("kind = x, B = 2, \"a.b\" = \"\", A = [1]");
    LocatedSection root = loaded.root();
    root.string("kind").required();
    assertThat(root.entries().required())
        .containsExactly(Map.entry("B", "2"), Map.entry("a.b", ""));
    root.reportUnread();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: A: is a list (expected: a text; a key that contains dots stands in quotes)");
  }

  @Test
  void readsNamedBlocks() {
    Loaded loaded = Loaded.of("b { x = 1 }, a { x = 2 }, c = 5");
    Map<String, ConfigSection> named = loaded.root().named().required();
    assertThat(named.keySet()).containsExactly("b", "a");
    named.values().forEach(block -> block.string("x").required());
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).containsExactly("1: c: is a text (expected: a block, { … })");
  }

  @Test
  void anEmptyBlockStandsInForAnAbsentOne() {
    Loaded loaded = Loaded.of("\nouter { x = 1 }");
    ConfigSection outer = loaded.root().section("outer").required();
    ConfigSection inner = outer.section("inner").orElse(outer.empty("inner"));
    assertThat(inner.string("a").orElse("z")).isEqualTo("z");
    inner.string("b").required();
    assertThat(loaded.rendered())
        .containsExactly("2: outer.inner.b: is missing (expected: a text)");
  }

  // ---- problems of the reader's own

  @Test
  void recordsProblemsAtTheKeyOrAtTheBlock() {
    Loaded loaded = Loaded.of("a = 1\nprobe {\n  timeout = 5s\n}");
    ConfigSection probe = loaded.root().section("probe").required();
    probe.problem("timeout", "5s is longer than interval", "at most 1s");
    probe.problem("absent", "is needed here", "");
    probe.problem("", "is contradictory", "");
    assertThat(loaded.rendered())
        .containsExactly(
            "2: probe.absent: is needed here",
            "2: probe: is contradictory",
            "3: probe.timeout: 5s is longer than interval (expected: at most 1s)");
  }

  @Test
  void offersTheClosestOfTheNamesThatExist() {
    Loaded loaded = Loaded.of("upstream = usres");
    loaded.root().unknown("upstream", "unknown upstream \"usres\"", List.of("users", "orders"));
    loaded.root().unknown("upstream", "unknown upstream \"zzz\"", List.of("users", "orders"));
    loaded.root().unknown("upstream", "unknown upstream \"zzz\"", List.of());
    assertThat(loaded.rendered())
        .containsExactly(
            "1: upstream: unknown upstream \"usres\" (did you mean \"users\"?)",
            "1: upstream: unknown upstream \"zzz\" (expected: one of users, orders)",
            "1: upstream: unknown upstream \"zzz\"");
  }

  // ---- unread keys

  @Test
  void namesKeysThatNobodyReadAtAnyDepth() {
    Loaded loaded = Loaded.of("a { b = 1, c { d = 2 } }\nlist = [ { e = 3 } ]\nf = 4");
    LocatedSection root = loaded.root();
    root.section("a").required().section("c").required().string("x").optional();
    root.sections("list").required().forEach(block -> block.string("ee").optional());
    root.reportUnread();
    assertThat(loaded.rendered())
        .containsExactly(
            "1: a.b: unknown key (expected: c)",
            "1: a.c.d: unknown key (expected: x)",
            "2: list[0].e: unknown key (expected: ee)",
            "3: f: unknown key (expected: one of a, list)");
  }

  @Test
  void aMisspeltRequiredKeyIsOneProblem() {
    Loaded loaded = Loaded.of("intervall = 5s");
    loaded.root().duration("interval").required();
    loaded.root().reportUnread();
    assertThat(loaded.rendered())
        .containsExactly("1: intervall: unknown key (did you mean \"interval\"?)");
  }

  @Test
  void doesNotSuggestAKeyThatIsThereAlready() {
    Loaded loaded = Loaded.of("interval = 5s, interval2 = 6s");
    loaded.root().duration("interval").required();
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).containsExactly("1: interval2: unknown key (expected: interval)");
  }

  @Test
  void saysNothingOfBlocksWhoseReaderIsNotKnown() {
    Loaded loaded = Loaded.of("a { b = 1, c { d = 2 } }");
    LocatedSection.of(loaded.root().section("a").required()).ignoreUnread();
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).isEmpty();
  }

  @Test
  void readingABlockTwiceAddsUp() {
    Loaded loaded = Loaded.of("a { b = 1, c = 2 }");
    loaded.root().section("a").required().string("b").required();
    loaded.root().section("a").required().string("c").required();
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).isEmpty();
  }
}
