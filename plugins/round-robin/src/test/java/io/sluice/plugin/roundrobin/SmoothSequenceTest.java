package io.sluice.plugin.roundrobin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SmoothSequenceTest {

  @Test
  void takesEqualWeightsInTurn() {
    assertThat(SmoothSequence.of(new double[] {1, 1, 1})).containsExactly(0, 1, 2);
  }

  @Test
  void spreadsAHeavyWeightAsNginxDoes() {
    assertThat(SmoothSequence.of(new double[] {5, 1, 1})).containsExactly(0, 0, 1, 0, 2, 0, 0);
  }

  @Test
  void dividesByTheGreatestCommonDivisor() {
    assertThat(SmoothSequence.of(new double[] {300, 100})).containsExactly(0, 0, 1, 0);
  }

  @Test
  void givesEveryIndexItsExactShareOfAPeriod() {
    int[] sequence = SmoothSequence.of(new double[] {7, 3, 11, 1});

    assertThat(sequence).hasSize(22);
    assertThat(countsOf(sequence, 4)).containsExactly(7, 3, 11, 1);
  }

  @Test
  void takesFractionsOfSlowStartIntoAccount() {
    assertThat(countsOf(SmoothSequence.of(new double[] {1, 0.25}), 2)).containsExactly(4, 1);
  }

  @Test
  void boundsThePeriodAndKeepsTheLightestEndpointInIt() {
    int[] sequence = SmoothSequence.of(new double[] {65_535, 1, 32_768});

    assertThat(sequence).hasSizeLessThanOrEqualTo(SmoothSequence.MAX_LENGTH);
    int[] counts = countsOf(sequence, 3);
    assertThat(counts[1]).isPositive();
    assertThat((double) counts[0] / counts[2]).isBetween(1.99, 2.01);
  }

  @Test
  void givesEachOfVeryManyEndpointsATurn() {
    double[] weights = new double[SmoothSequence.MAX_LENGTH + 10];
    Arrays.fill(weights, 1);
    weights[0] = 2;

    int[] counts = countsOf(SmoothSequence.of(weights), weights.length);

    assertThat(counts).doesNotContain(0);
  }

  private static int[] countsOf(int[] sequence, int size) {
    int[] counts = new int[size];
    for (int index : sequence) {
      counts[index]++;
    }
    return counts;
  }
}
