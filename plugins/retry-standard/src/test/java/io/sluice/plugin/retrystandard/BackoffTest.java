package io.sluice.plugin.retrystandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.retrystandard.StandardRetryConfig.BackoffConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private static final BackoffConfig CONFIG =
      new BackoffConfig(Duration.ofMillis(25), Duration.ofMillis(250));

  @Test
  void doublesTheUpperEndUpToTheMost() {
    Backoff backoff = new Backoff(CONFIG, BackoffTest::longest);

    assertThat(millis(backoff.afterAttempts(1))).isEqualTo(25);
    assertThat(millis(backoff.afterAttempts(2))).isEqualTo(50);
    assertThat(millis(backoff.afterAttempts(3))).isEqualTo(100);
    assertThat(millis(backoff.afterAttempts(4))).isEqualTo(200);
    assertThat(millis(backoff.afterAttempts(5))).isEqualTo(250);
    assertThat(millis(backoff.afterAttempts(1_000))).isEqualTo(250);
  }

  @Test
  void mayWaitNotAtAll() {
    assertThat(new Backoff(CONFIG, bound -> 0).afterAttempts(3)).isZero();
  }

  @Test
  void doesNotWaitWithoutABase() {
    BackoffConfig none = new BackoffConfig(Duration.ZERO, Duration.ZERO);

    assertThat(new Backoff(none, BackoffTest::longest).afterAttempts(9)).isZero();
  }

  @Test
  void doesNotOverflow() {
    BackoffConfig long1 =
        new BackoffConfig(Duration.ofDays(1), Duration.ofNanos(Long.MAX_VALUE - 1));

    assertThat(new Backoff(long1, BackoffTest::longest).afterAttempts(200))
        .isEqualTo(Long.MAX_VALUE - 1);
  }

  private static long longest(long bound) {
    return bound - 1;
  }

  private static long millis(long nanos) {
    return Duration.ofNanos(nanos).toMillis();
  }
}
