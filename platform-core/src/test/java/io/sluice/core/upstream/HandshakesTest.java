package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HandshakesTest {

  private long now = Long.MAX_VALUE - 5;
  private final Handshakes handshakes = new Handshakes(() -> now);

  @Test
  void aReasonIsNewsOnce() {
    assertThat(handshakes.news("it expired")).isTrue();
    now += Duration.ofDays(1).toNanos();
    assertThat(handshakes.news("it expired")).isFalse();
    assertThat(handshakes.news("another name")).isTrue();
    assertThat(handshakes.problem()).isEqualTo("another name");
  }

  @Test
  void oneThatComesBackIsNewsAgainAMinuteLater() {
    assertThat(handshakes.news("it expired")).isTrue();
    handshakes.succeeded();
    assertThat(handshakes.problem()).isNull();
    now += Duration.ofSeconds(59).toNanos();
    assertThat(handshakes.news("it expired")).as("comes and goes").isFalse();
    handshakes.succeeded();
    now += Duration.ofSeconds(1).toNanos();
    assertThat(handshakes.news("it expired")).isTrue();
  }
}
