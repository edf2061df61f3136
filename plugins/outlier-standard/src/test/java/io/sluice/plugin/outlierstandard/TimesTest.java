package io.sluice.plugin.outlierstandard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class TimesTest {

  @Test
  void bucketsFollowEachOther() {
    int before = 0;
    for (long micros = 0;
        micros < 10_000_000;
        micros = micros < 100 ? micros + 1 : micros * 101 / 100) {
      int bucket = Times.bucket(micros * 1000);
      assertThat(bucket).isBetween(before, before + 1);
      before = bucket;
    }
  }

  @Test
  void aTimeIsKnownToAnEighth() {
    for (long nanos = 10_000; nanos < Duration.ofMinutes(30).toNanos(); nanos = nanos * 9 / 8) {
      assertThat(Times.nanos(Times.bucket(nanos))).isCloseTo(nanos, Percentage.withPercentage(7));
    }
  }

  @Test
  void theLongestShareABucket() {
    assertThat(Times.bucket(Long.MAX_VALUE)).isEqualTo(Times.BUCKETS - 1);
    assertThat(Times.bucket(Duration.ofHours(1).toNanos())).isEqualTo(Times.BUCKETS - 1);
    assertThat(Times.bucket(-5)).isZero();
  }

  @Test
  void quantilesCountFromTheShortest() {
    int[] counts = new int[2 + Times.BUCKETS];
    counts[2 + 1] = 50;
    counts[2 + 5] = 49;
    counts[2 + 7] = 1;
    assertThat(Times.quantile(counts, 2, 100, 0.5)).isEqualTo(1_500);
    assertThat(Times.quantile(counts, 2, 100, 0.51)).isEqualTo(5_500);
    assertThat(Times.quantile(counts, 2, 100, 1)).isEqualTo(7_500);
  }
}
