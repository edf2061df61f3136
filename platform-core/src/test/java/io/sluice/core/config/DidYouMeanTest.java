package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DidYouMeanTest {
  private static final List<String> KEYS =
      List.of("interval", "timeout", "max-connections", "max-pending", "path", "bind", "endpoints");

  @ParameterizedTest
  @CsvSource({
    "intervall, interval",
    "intreval, interval",
    "Interval, interval",
    "maxConnections, max-connections",
    "max_connections, max-connections",
    "max-connection, max-connections",
    "endpoint, endpoints",
    "end-point, endpoints",
    "time-out, timeout",
    "bnid, bind",
    "paht, path",
    "pth, path"
  })
  void findsTheKeyThatWasMeant(String typo, String meant) {
    assertThat(DidYouMean.closest(typo, KEYS)).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({"zebra", "x", "''", "weight", "protocol", "b"})
  void suggestsNothingFarFetched(String typo) {
    assertThat(DidYouMean.closest(typo, KEYS)).isNull();
  }

  @Test
  void prefersTheClosest() {
    assertThat(DidYouMean.closest("userss", List.of("user", "users"))).isEqualTo("users");
    assertThat(DidYouMean.closest("anything", List.of())).isNull();
  }
}
