package io.sluice.core.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.tunnel.ServerNames.Entry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which entry takes a server name. */
class ServerNamesTest {

  private static ServerNames<String> names(String... patterns) {
    return new ServerNames<>(
        List.of(patterns).stream().map(pattern -> new Entry<>(pattern, pattern)).toList());
  }

  @Test
  void theFirstThatMatchesWins() {
    ServerNames<String> names = names("a.example.com", "*.example.com", "*.b.example.com", "*");
    assertThat(names.find("a.example.com")).isEqualTo("a.example.com");
    assertThat(names.find("c.example.com")).isEqualTo("*.example.com");
    assertThat(names.find("c.b.example.com")).isEqualTo("*.example.com");
    assertThat(names.find("example.com")).isEqualTo("*");
    assertThat(names.find(null)).isEqualTo("*");
  }

  @Test
  void aWildcardStandsForLabelsAndNotForPartsOfOne() {
    ServerNames<String> names = names("*.example.com");
    assertThat(names.find("a.b.c.example.com")).isEqualTo("*.example.com");
    assertThat(names.find("badexample.com")).isNull();
    assertThat(names.find("example.com")).isNull();
    assertThat(names.find("example.com.evil")).isNull();
    assertThat(names.find(null)).isNull();
  }
}
