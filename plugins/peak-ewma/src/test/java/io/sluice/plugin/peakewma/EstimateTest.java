package io.sluice.plugin.peakewma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EstimateTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;

  private final Estimate estimate = new Estimate(new PeakEwmaConfig(Duration.ofSeconds(10), 4));

  @Test
  void knowsNothingAtFirst() {
    assertThat(estimate.freshness(estimate.latency(), SECOND)).isZero();
    assertThat(estimate.penalty(SECOND)).isEqualTo(1);
  }

  @Test
  void risesAtOnceAndFallsSlowly() {
    estimate.answered(50 * MILLI, SECOND);
    assertThat(millis()).isCloseTo(50, within(0.01));

    estimate.answered(500 * MILLI, 2 * SECOND);
    assertThat(millis()).isCloseTo(500, within(0.01));

    estimate.answered(50 * MILLI, 12 * SECOND);
    assertThat(millis()).isCloseTo(50 + 450 / Math.E, within(0.1));
  }

  @Test
  void movesByTimeAndNotByTheNumberOfAnswers() {
    estimate.answered(500 * MILLI, SECOND);
    for (int i = 1; i <= 1_000; i++) {
      estimate.answered(50 * MILLI, SECOND + i * 10 * MILLI);
    }

    assertThat(millis()).isCloseTo(50 + 450 / Math.E, within(5.0));
  }

  @Test
  void isNotMadeFasterByFastFailures() {
    estimate.answered(50 * MILLI, SECOND);
    estimate.failed(MILLI, 60 * SECOND);

    assertThat(millis()).isCloseTo(50, within(0.01));
  }

  @Test
  void isMadeSlowerBySlowFailures() {
    estimate.answered(50 * MILLI, SECOND);
    estimate.failed(3_000 * MILLI, SECOND);

    assertThat(millis()).isCloseTo(3_000, within(0.1));
  }

  @Test
  void doesNotTakeAFailureForALatency() {
    estimate.failed(MILLI, SECOND);

    assertThat(estimate.freshness(estimate.latency(), SECOND)).isZero();
  }

  @Test
  void multipliesForEachFailureInARowUpToTheMost() {
    estimate.failed(MILLI, SECOND);
    assertThat(estimate.penalty(SECOND)).isCloseTo(4, within(0.001));
    estimate.failed(MILLI, SECOND);
    assertThat(estimate.penalty(SECOND)).isCloseTo(16, within(0.001));
    for (int i = 0; i < 20; i++) {
      estimate.failed(MILLI, SECOND);
    }
    assertThat(estimate.penalty(SECOND)).isCloseTo(Estimate.MOST, within(0.1));
  }

  @Test
  void forgivesQuicklyOnceAttemptsSucceed() {
    for (int i = 0; i < 20; i++) {
      estimate.failed(MILLI, SECOND);
    }

    double[] expected = {3.88, 1.76, 1.30, 1.13, 1.06, 1, 1};
    for (double left : expected) {
      estimate.answered(50 * MILLI, SECOND);
      assertThat(estimate.penalty(SECOND)).isCloseTo(left, within(0.01));
    }
  }

  @Test
  void hardlyMindsOneFailureAmongMany() {
    double sum = 0;
    for (int i = 0; i < 2_000; i++) {
      if (i % 20 == 19) {
        estimate.failed(MILLI, SECOND);
      } else {
        estimate.answered(50 * MILLI, SECOND);
      }
      sum += estimate.penalty(SECOND);
    }

    assertThat(sum / 2_000).isLessThan(1.4);
  }

  @Test
  void letsThePenaltyFade() {
    for (int i = 0; i < 6; i++) {
      estimate.failed(MILLI, SECOND);
    }

    assertThat(estimate.penalty(11 * SECOND)).isCloseTo(Math.pow(4_096, 1 / Math.E), within(0.1));
    assertThat(estimate.penalty(21 * SECOND)).isCloseTo(3.08, within(0.1));
    assertThat(estimate.penalty(101 * SECOND)).isCloseTo(1, within(0.001));
  }

  @Test
  void countsFailuresByLatencyAloneWithAFactorOfOne() {
    Estimate lenient = new Estimate(new PeakEwmaConfig(Duration.ofSeconds(10), 1));
    lenient.failed(MILLI, SECOND);

    assertThat(lenient.penalty(SECOND)).isEqualTo(1);
  }

  @Test
  void losesNoFailureAmongManyThreads() throws InterruptedException {
    Estimate slowly = new Estimate(new PeakEwmaConfig(Duration.ofHours(1), 1.01));
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          new Thread(
              () -> {
                for (int i = 0; i < 100; i++) {
                  slowly.failed(MILLI, SECOND);
                  slowly.answered(0, 0);
                  slowly.failed(MILLI, SECOND);
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join(30_000);
    }

    assertThat(Estimate.nanos(slowly.latency())).isEqualTo(MILLI);
    assertThat(slowly.penalty(SECOND)).isBetween(1.0, 1.2);
  }

  private double millis() {
    return Estimate.nanos(estimate.latency()) / MILLI;
  }
}
