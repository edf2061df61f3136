package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentLatencyTest {

  private final RecentLatency latency = new RecentLatency(2);

  @Test
  void aCellEndsAtMostAnEighthAboveWhatIsInIt() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      long nanos = (1L << 16) + (long) (random.nextDouble() * (1L << (17 + random.nextInt(20))));
      long end = RecentLatency.upperEnd(RecentLatency.cell(nanos));
      assertThat(end).isGreaterThan(nanos).isLessThanOrEqualTo(nanos + nanos / 8 + 1);
    }
  }

  @Test
  void theSmallestAndTheLargestHaveACellToo() {
    assertThat(RecentLatency.cell(0)).isZero();
    assertThat(RecentLatency.upperEnd(RecentLatency.cell(Long.MAX_VALUE)))
        .isGreaterThan(TimeUnit.SECONDS.toNanos(100));
  }

  @Test
  void knowsNothingBeforeThereAreEnough() {
    for (int i = 0; i < 99; i++) {
      latency.record(i % 2, 1_000_000);
    }
    latency.tick();
    assertThat(latency.percentileNanos(0.95, 100)).isEqualTo(-1);
    latency.record(0, 1_000_000);
    latency.tick();
    assertThat(latency.percentileNanos(0.95, 100)).isBetween(1_000_000L, 1_125_000L);
  }

  @Test
  void tellsAPercentileOverAllLoops() {
    for (int i = 1; i <= 1000; i++) {
      latency.record(i % 2, TimeUnit.MILLISECONDS.toNanos(i));
    }
    latency.tick();
    assertThat(latency.percentileNanos(0.95, 100))
        .isBetween(TimeUnit.MILLISECONDS.toNanos(950), TimeUnit.MILLISECONDS.toNanos(1070));
    assertThat(latency.percentileNanos(0.5, 100))
        .isBetween(TimeUnit.MILLISECONDS.toNanos(500), TimeUnit.MILLISECONDS.toNanos(563));
  }

  @Test
  void forgetsWhatIsHalfAMinuteOld() {
    for (int i = 0; i < 200; i++) {
      latency.record(0, TimeUnit.SECONDS.toNanos(1));
    }
    latency.tick();
    for (int second = 1; second < RecentLatency.SECONDS; second++) {
      latency.record(1, 1_000_000);
      latency.tick();
      assertThat(latency.percentileNanos(0.95, 10)).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
    }
    latency.tick();
    assertThat(latency.percentileNanos(0.95, 10)).isLessThan(2_000_000);
    for (int second = 0; second < RecentLatency.SECONDS; second++) {
      latency.tick();
    }
    assertThat(latency.percentileNanos(0.95, 1)).isEqualTo(-1);
  }
}
