package io.sluice.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

  private static final Instant NOW = Instant.parse("1994-11-06T08:49:30Z");

  @Test
  void takesSeconds() {
    assertThat(RetryAfter.nanos("0", NOW)).isZero();
    assertThat(RetryAfter.nanos("120", NOW)).isEqualTo(TimeUnit.MINUTES.toNanos(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"
      })
  void takesTheThreeFormsOfADate(String date) {
    assertThat(RetryAfter.nanos(date, NOW)).isEqualTo(TimeUnit.SECONDS.toNanos(7));
    assertThat(RetryAfter.nanos(date, NOW.plusSeconds(60))).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "9999999999", "Sun, 06 Nov 1994", "1 "})
  void whatItCannotReadSaysNothing(String value) {
    assertThat(RetryAfter.nanos(value, NOW)).isEqualTo(RetryAfter.NONE);
  }

  @Test
  void anAbsentFieldSaysNothing() {
    assertThat(RetryAfter.nanos(null, NOW)).isEqualTo(RetryAfter.NONE);
  }
}
