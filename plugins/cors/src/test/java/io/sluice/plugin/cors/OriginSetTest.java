package io.sluice.plugin.cors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginSetTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example.com.evil.example",
        "https://evil.example/https://app.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app-example.com",
        "https://App.example.com",
        "https://app.example.com/",
        " https://app.example.com",
        "null",
        ""
      })
  void holdsAListedOriginAndNothingLikeIt(String other) {
    OriginSet set = set("https://app.example.com");

    assertThat(set.contains("https://app.example.com")).isTrue();
    assertThat(set.contains(other)).isFalse();
  }

  @Test
  void readsOriginsAsBrowsersWriteThem() {
    OriginSet set = set("HTTPS://App.Example.com:443", "http://localhost:80", "http://[::1]:3000");

    assertThat(set.contains("https://app.example.com")).isTrue();
    assertThat(set.contains("http://localhost")).isTrue();
    assertThat(set.contains("http://[::1]:3000")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example.com, true",
    "https://a.b-c.example.com, true",
    "https://example.com, false",
    "https://.example.com, false",
    "https://a..example.com, false",
    "https://evilexample.com, false",
    "https://evil.example/.example.com, false",
    "https://evil.example#.example.com, false",
    "https://evil.example:1.example.com, false",
    "https://user@a.example.com, false",
    "https://a.example.com.evil.example, false",
    "https://a.example.com:8443, false",
    "http://a.example.com, false"
  })
  void holdsHostsBelowADomain(String origin, boolean held) {
    assertThat(set("https://*.example.com").contains(origin)).isEqualTo(held);
  }

  @Test
  void holdsHostsBelowADomainOnAPort() {
    OriginSet set = set("http://*.localhost:3000");

    assertThat(set.contains("http://app.localhost:3000")).isTrue();
    assertThat(set.contains("http://app.localhost")).isFalse();
  }

  @Test
  void holdsTheOpaqueOriginOnlyWhenListed() {
    assertThat(set("null").contains("null")).isTrue();
    assertThat(set("https://*.example.com").contains("null")).isFalse();
  }

  @Test
  void holdsEverythingForAStar() {
    assertThat(set("*").contains("https://anything.example")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app.example.com | \"app.example.com\" is not an origin",
        "https://app.example.com/ | \"https://app.example.com/\" is not an origin: it has a path",
        "https://*.com | \"https://*.com\" covers a whole top-level domain",
        "https://* | \"https://*\" is not an origin",
        "https://a.*.example.com | \"https://a.*.example.com\" is not an origin",
        "https://*app.example.com | \"https://*app.example.com\" is not an origin",
        "'' | \"\" is not an origin"
      })
  void refusesWhatIsNoOrigin(String text, String message) {
    assertThatThrownBy(() -> set(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static OriginSet set(String... members) {
    OriginSet.Builder builder = new OriginSet.Builder();
    for (String member : members) {
      builder.add(member);
    }
    return builder.build();
  }
}
