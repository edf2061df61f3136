package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  private static final int ROUNDS = 20_000;

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.0, 0",
    "0s, 0",
    "250ms, 250",
    "1s, 1000",
    "1.5s, 1500",
    "2m, 120000",
    "1h, 3600000",
    "1d, 86400000",
    "1 minute, 60000",
    "5 minutes, 300000",
    "1 second, 1000",
    "3 hours, 10800000",
    "2 days, 172800000",
    "10 milliseconds, 10",
    "7 millis, 7",
    "1h30m, 5400000",
    "1h 30m, 5400000",
    "1 hour 30 minutes, 5400000",
    "1d2h3m4s5ms, 93784005",
    "' 5s ', 5000"
  })
  void readsDurations(String text, long millis) throws Refused {
    assertThat(Quantities.duration(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "5",
        "5.",
        ".5s",
        "5 5s",
        "s",
        "5S",
        "5M",
        "5 min",
        "5us",
        "-5s",
        "+5s",
        "1m1h",
        "1s1s",
        "5s,",
        "1e3s",
        "0x5s",
        "5s5",
        "∞",
        "999999999999999999d",
        "١s",
        "1h-30m"
      })
  void refusesOtherDurations(String text) {
    assertThatThrownBy(() -> Quantities.duration(text)).isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0B, 0",
    "1B, 1",
    "240B, 240",
    "1K, 1024",
    "1k, 1024",
    "1KB, 1024",
    "1kB, 1024",
    "1KiB, 1024",
    "32K, 32768",
    "1M, 1048576",
    "8MB, 8388608",
    "8 MB, 8388608",
    "1G, 1073741824",
    "2GB, 2147483648",
    "1.5K, 1536",
    "0.5M, 524288",
    "10 bytes, 10"
  })
  void readsSizes(String text, long bytes) throws Refused {
    assertThat(Quantities.size(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "64",
        "-1K",
        "1.5B",
        "0.3K",
        "1KK",
        "K",
        "1 K M",
        "5 parsecs",
        "9999999999G",
        "1,5K"
      })
  void refusesOtherSizes(String text) {
    assertThatThrownBy(() -> Quantities.size(text)).isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "20", "-1%", "101%", "0.2", "%", "20 percent", "20%%"})
  void refusesOtherShares(String text) {
    assertThatThrownBy(() -> Quantities.share(text, 100)).isInstanceOf(Refused.class);
  }

  @Test
  void readsBackEveryDurationThatItWrites() throws Refused {
    Random random = new Random(42);
    for (int i = 0; i < ROUNDS; i++) {
      Duration duration = Duration.ofNanos(random.nextLong() >>> (1 + random.nextInt(62)));
      assertThat(Quantities.duration(Quantities.render(duration))).isEqualTo(duration);
    }
  }

  @Test
  void readsBackEverySizeThatItWrites() throws Refused {
    Random random = new Random(42);
    for (int i = 0; i < ROUNDS; i++) {
      long bytes = (random.nextLong() >>> (1 + random.nextInt(62))) & -(1L << random.nextInt(40));
      assertThat(Quantities.size(Quantities.renderSize(bytes))).isEqualTo(bytes);
    }
  }

  @Test
  void answersOrRefusesWhateverTextComes() {
    Random random = new Random(42);
    String alphabet = "0123456789.smhdKMGB% -+eE";
    for (int i = 0; i < ROUNDS; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(9); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      answersOrRefuses(text.toString());
    }
  }

  private static void answersOrRefuses(String text) {
    try {
      assertThat(Quantities.duration(text)).isGreaterThanOrEqualTo(Duration.ZERO);
    } catch (Refused refused) {
      assertThat(refused.hint()).as(text).startsWith("expected: ");
    }
    try {
      assertThat(Quantities.size(text)).isNotNegative();
    } catch (Refused refused) {
      assertThat(refused.hint()).as(text).startsWith("expected: ");
    }
    try {
      assertThat(Quantities.share(text, 100)).isBetween(0.0, 1.0);
    } catch (Refused refused) {
      assertThat(refused.hint()).as(text).startsWith("expected: ");
    }
  }

  @ParameterizedTest
  @CsvSource({"90, 1m30s", "0, 0s", "86400, 1d", "3600, 1h"})
  void writesDurationsShortly(long seconds, String text) {
    assertThat(Quantities.render(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0B", "1000, 1000B", "1024, 1K", "65536, 64K", "1536, 1536B", "8388608, 8M"})
  void writesSizesShortly(long bytes, String text) {
    assertThat(Quantities.renderSize(bytes)).isEqualTo(text);
  }
}
