package io.sluice.plugin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ChiSquareTest {

  @Test
  void isNothingWhereCountsAreAsExpected() {
    assertThat(ChiSquare.of(new int[] {10, 20, 50}, new double[] {1, 2, 5})).isZero();
  }

  /** (60 − 50)² / 50 twice. */
  @Test
  void addsUpSquaresOverWhatWasExpected() {
    assertThat(ChiSquare.of(new int[] {60, 40}, new double[] {1, 1})).isEqualTo(4);
  }

  /** Printed tables: 10.83, 13.82, 27.88 and 148.23. */
  @Test
  void hasTheQuantilesOfTheTables() {
    assertThat(ChiSquare.limit(2)).isCloseTo(10.83, withinPercentage(4));
    assertThat(ChiSquare.limit(3)).isCloseTo(13.82, withinPercentage(3));
    assertThat(ChiSquare.limit(10)).isCloseTo(27.88, withinPercentage(1));
    assertThat(ChiSquare.limit(100)).isCloseTo(148.23, withinPercentage(0.1));
  }

  @Test
  void isExceededInOneOfAThousandTestsOfFairDraws() {
    Random random = new Random(42);
    double[] even = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    int exceeded = 0;
    for (int test = 0; test < 10_000; test++) {
      int[] counts = new int[10];
      for (int i = 0; i < 200; i++) {
        counts[random.nextInt(10)]++;
      }
      exceeded += ChiSquare.of(counts, even) > ChiSquare.limit(10) ? 1 : 0;
    }
    assertThat(exceeded).isBetween(1, 25);
  }

  @Test
  void wantsAWeightForEachCount() {
    assertThatThrownBy(() -> ChiSquare.of(new int[3], new double[2]))
        .hasMessage("3 counts, 2 weights");
  }
}
