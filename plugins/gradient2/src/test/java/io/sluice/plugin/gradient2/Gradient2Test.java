package io.sluice.plugin.gradient2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class Gradient2Test {

  private static final double USUAL = 10_000_000;

  private static Gradient2 estimate() {
    return new Gradient2(
        new Gradient2Config(
            20, 5, 200, 1.5, 0.2, 4, 600, Duration.ofMillis(100), 10, List.of(1.0)));
  }

  private static void feed(Gradient2 estimate, int windows, double nanos) {
    for (int i = 0; i < windows; i++) {
      estimate.windowEnded(nanos, (int) estimate.limit(), 0, true);
    }
  }

  @Test
  void growsByTheQueueAtItsPaceWhileTimesAreUsual() {
    Gradient2 estimate = estimate();
    feed(estimate, 10, USUAL);
    assertThat(estimate.limit()).isCloseTo(20 + 10 * 0.2 * 4, Offset.offset(1e-6));
  }

  @Test
  void endsAtItsBounds() {
    Gradient2 estimate = estimate();
    feed(estimate, 400, USUAL);
    assertThat(estimate.limit()).isEqualTo(200);
    for (int i = 0; i < 150; i++) {
      estimate.windowEnded(100 * USUAL, 200, 1, true);
    }
    assertThat(estimate.limit()).isLessThan(10).isGreaterThanOrEqualTo(5);
  }

  @Test
  void toleratesHalfAsMuchAgain() {
    Gradient2 estimate = estimate();
    feed(estimate, 20, USUAL);
    double before = estimate.limit();
    feed(estimate, 1, 1.49 * USUAL);
    assertThat(estimate.limit()).isGreaterThan(before);
    before = estimate.limit();
    feed(estimate, 1, 3 * USUAL);
    assertThat(estimate.limit()).isLessThan(before);
  }

  @Test
  void neverFallsByMoreThanHalfOfAStep() {
    Gradient2 estimate = estimate();
    feed(estimate, 100, USUAL);
    double before = estimate.limit();
    feed(estimate, 1, 1000 * USUAL);
    assertThat(estimate.limit())
        .isCloseTo(before * 0.8 + (before * 0.5 + 4) * 0.2, Offset.offset(0.01));
  }

  @Test
  void staysWhereItIsWhileLessThanHalfIsInUse() {
    Gradient2 estimate = estimate();
    for (int i = 0; i < 50; i++) {
      estimate.windowEnded(USUAL, 9, 0, false);
      estimate.windowEnded(50 * USUAL, 9, 0, false);
    }
    assertThat(estimate.limit()).isEqualTo(20);
  }

  @Test
  void dropsLowerItByTheirShareEvenWithoutASample() {
    Gradient2 estimate = estimate();
    feed(estimate, 100, USUAL);
    double before = estimate.limit();
    estimate.windowEnded(USUAL, (int) before, 0.01, true);
    assertThat(estimate.limit()).isGreaterThan(before); // one in a hundred is noise
    before = estimate.limit();
    estimate.windowEnded(Double.NaN, (int) before, 1, true);
    assertThat(estimate.limit())
        .isCloseTo(before * 0.8 + (before * 0.5 + 4) * 0.2, Offset.offset(0.01));
    assertThat(estimate.longNanos()).isCloseTo(USUAL, Offset.offset(1.0));
  }

  @Test
  void forgetsABadTimeQuickly() {
    Gradient2 estimate = estimate();
    feed(estimate, 20, 100 * USUAL);
    feed(estimate, 60, USUAL);
    assertThat(estimate.longNanos()).isLessThan(8 * USUAL);
  }

  @Test
  void doesNotLearnWhatItsOwnQueueTakes() {
    Gradient2 heldBack = estimate();
    Gradient2 free = estimate();
    feed(heldBack, 20, USUAL);
    feed(free, 20, USUAL);
    for (int i = 0; i < 300; i++) {
      heldBack.windowEnded(1.4 * USUAL, (int) heldBack.limit(), 0, true);
      free.windowEnded(1.4 * USUAL, (int) free.limit(), 0, false);
    }
    assertThat(free.longNanos()).isGreaterThan(1.2 * USUAL);
    assertThat(heldBack.longNanos()).isCloseTo(USUAL, Offset.offset(1.0));
    feed(heldBack, 200, 0.8 * USUAL);
    assertThat(heldBack.longNanos()).isLessThan(0.93 * USUAL);
  }

  @Test
  void halvesItselfNowAndThenToSeeWhatTheServerTakesByItself() {
    Gradient2 estimate = estimate();
    feed(estimate, 599, USUAL);
    assertThat(estimate.limit()).isEqualTo(200);
    feed(estimate, 1, USUAL);
    assertThat(estimate.limit()).isEqualTo(100);
    estimate.windowEnded(9 * USUAL, 180, 0, true); // began before
    assertThat(estimate.limit()).isEqualTo(100);
    estimate.windowEnded(3 * USUAL, 100, 0, true);
    assertThat(estimate.limit()).isEqualTo(200);
    assertThat(estimate.longNanos()).isCloseTo(2 * USUAL, Offset.offset(1.0));
  }

  @Test
  void givesUpAProbeThatLearnsNothing() {
    Gradient2 estimate = estimate();
    feed(estimate, 600, USUAL);
    for (int i = 0; i < 50; i++) {
      assertThat(estimate.limit()).isEqualTo(100);
      estimate.windowEnded(Double.NaN, 200, 1, true);
    }
    assertThat(estimate.limit()).isEqualTo(200);
    assertThat(estimate.longNanos()).isCloseTo(USUAL, Offset.offset(1.0));
  }
}
