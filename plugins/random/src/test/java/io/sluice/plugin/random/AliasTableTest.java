package io.sluice.plugin.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AliasTableTest {

  private static final int STEPS = 600_000;

  @Test
  void drawsInProportionToWeight() {
    assertShares(1, 2, 3);
  }

  @Test
  void drawsEvenlyAmongEquals() {
    assertShares(1, 1, 1, 1, 1, 1, 1);
  }

  @Test
  void drawsFromVeryUnequalWeights() {
    assertShares(65_535, 1, 0.1, 300);
  }

  @Test
  void drawsTheOnlyOne() {
    AliasTable table = AliasTable.of(new double[] {0.1});

    assertThat(table.draw(0)).isZero();
    assertThat(table.draw(Math.nextDown(1.0))).isZero();
  }

  @Test
  void staysWithinItsColumnsAtTheEdges() {
    AliasTable table = AliasTable.of(new double[] {3, 1, 2});

    assertThat(table.draw(0)).isBetween(0, 2);
    assertThat(table.draw(Math.nextDown(1.0))).isBetween(0, 2);
  }

  /** Instead of by chance, draws by numbers spread evenly: the shares then are exact. */
  private static void assertShares(double... weights) {
    AliasTable table = AliasTable.of(weights);
    double[] shares = new double[weights.length];
    double total = 0;
    for (int i = 0; i < STEPS; i++) {
      shares[table.draw((i + 0.5) / STEPS)] += 1.0 / STEPS;
    }
    for (double weight : weights) {
      total += weight;
    }
    for (int i = 0; i < weights.length; i++) {
      assertThat(shares[i]).isBetween(weights[i] / total - 1e-4, weights[i] / total + 1e-4);
    }
  }
}
