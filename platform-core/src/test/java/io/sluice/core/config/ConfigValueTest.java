package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.config.ConfigValue;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConfigValueTest {
  private static final URI NOWHERE = URI.create("about:nowhere");

  @Test
  void aRequiredKeyThatIsAbsentIsAProblem() {
    Loaded loaded = Loaded.of("\nblock { b = 1 }");
    ConfigValue<Long> a = loaded.root().section("block").required().integer("a", 3, 9);
    assertThat(a.describe("how many").required()).isEqualTo(3);
    assertThat(loaded.rendered())
        .containsExactly("2: block.a: is missing (expected: a whole number from 3 to 9)");
  }

  @Test
  void theFallbackStandsForAnAbsentAndForAFaultyKey() {
    Loaded loaded = Loaded.of("faulty = x");
    assertThat(loaded.root().integer("absent", 0, 9).orElse(4L)).isEqualTo(4);
    assertThat(loaded.rendered()).isEmpty();
    assertThat(loaded.root().integer("faulty", 0, 9).orElse(4L)).isEqualTo(4);
    assertThat(loaded.rendered()).hasSize(1);
  }

  @Test
  void anOptionalKeyIsEmptyWhereAbsentOrFaulty() {
    Loaded loaded = Loaded.of("faulty = x, good = 5");
    assertThat(loaded.root().integer("absent", 0, 9).optional()).isEmpty();
    assertThat(loaded.root().integer("faulty", 0, 9).optional()).isEmpty();
    assertThat(loaded.root().integer("good", 0, 9).optional()).contains(5L);
    assertThat(loaded.rendered()).hasSize(1);
  }

  @Test
  void aNullCountsAsAbsent() {
    Loaded loaded = Loaded.of("a = 5, a = null");
    assertThat(loaded.root().integer("a", 0, 9).optional()).isEmpty();
    assertThat(loaded.rendered()).isEmpty();
  }

  @Test
  void checksInOrderAndStopsAtTheFirstThatFails() {
    Loaded loaded = Loaded.of("a = 5");
    long value =
        loaded
            .root()
            .integer("a", 0, 9)
            .check(a -> a > 3, "more than 3")
            .check(a -> a > 6, "more than 6")
            .check(a -> a > 8, "more than 8")
            .orElse(9L);
    assertThat(value).isEqualTo(9);
    assertThat(loaded.rendered())
        .containsExactly("1: a: \"5\" is not accepted (expected: more than 6)");
  }

  @Test
  void doesNotCheckTheFallback() {
    Loaded loaded = Loaded.of("");
    assertThat(loaded.root().integer("a", 0, 9).check(a -> a > 3, "more than 3").orElse(1L))
        .isEqualTo(1);
    assertThat(loaded.rendered()).isEmpty();
  }

  @Test
  void convertsWhatPassedItsChecks() {
    Loaded loaded = Loaded.of("a = \"http://x/\", b = \"http://a/b c\", c = z");
    assertThat(uri(loaded, "a").required()).isEqualTo(URI.create("http://x/"));
    assertThat(uri(loaded, "b").required()).isEqualTo(NOWHERE);
    assertThat(uri(loaded, "c").required()).isEqualTo(NOWHERE);
    assertThat(uri(loaded, "d").required()).isEqualTo(NOWHERE);
    assertThat(loaded.rendered())
        .containsExactly(
            "1: b: Illegal character in path at index 10: http://a/b c (expected: a URL)",
            "1: c: \"z\" is not accepted (expected: http://…)",
            "1: d: is missing (expected: a URL)");
  }

  private static ConfigValue<URI> uri(Loaded loaded, String key) {
    return loaded
        .root()
        .string(key)
        .check(text -> text.startsWith("http"), "http://…")
        .map(URI::create, "a URL", NOWHERE);
  }

  @Test
  void checksWhatWasConverted() {
    Loaded loaded = Loaded.of("a = abc");
    int length =
        loaded
            .root()
            .string("a")
            .map(String::length, "a text", 0)
            .check(n -> n > 5, "more than five letters")
            .orElse(6);
    assertThat(length).isEqualTo(6);
    assertThat(loaded.rendered())
        .containsExactly("1: a: \"abc\" is not accepted (expected: more than five letters)");
  }

  @Test
  void aConversionWithoutAMessageStillGivesAProblem() {
    Loaded loaded = Loaded.of("a = abc");
    loaded.root().string("a").map(ConfigValueTest::refuse, "something else", 0).required();
    assertThat(loaded.rendered())
        .containsExactly("1: a: \"abc\" is not accepted (expected: something else)");
  }

  private static int refuse(String text) {
    throw new IllegalArgumentException();
  }

  @Test
  void aConversionThatFailsOtherwiseIsTheReadersFault() {
    ConfigValue<Integer> a =
        Loaded.of("a = abc").root().string("a").map(ConfigValueTest::fail, "", 0);
    assertThatThrownBy(a::required).isInstanceOf(IllegalStateException.class).hasMessage("broken");
  }

  private static int fail(String text) {
    throw new IllegalStateException("broken");
  }

  @Test
  void convertsOnce() {
    AtomicInteger conversions = new AtomicInteger();
    Loaded loaded = Loaded.of("a = abc");
    loaded.root().string("a").map(text -> conversions.incrementAndGet(), "a text", 0).required();
    assertThat(conversions).hasValue(1);
  }

  @Test
  void neverRepeatsASecretInAMessageOfAConversion() {
    Loaded loaded = Loaded.of("token = \"hunter 2\"");
    loaded.root().string("token").map(URI::create, "a URL", NOWHERE).required();
    assertThat(loaded.rendered())
        .containsExactly("1: token: the value is not accepted (expected: a URL)");
  }
}
