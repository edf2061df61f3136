package io.sluice.plugin.random;

/**
 * Draws an index with a chance in proportion to its weight, in constant time: A. J. Walker's alias
 * method (ACM TOMS 3(3), 1977), its table laid out as M. D. Vose describes (IEEE TSE 17(9), 1991).
 * Each of the n columns holds its own index up to a threshold and one other, the alias, above it.
 * Immutable.
 */
final class AliasTable {

  private final double[] thresholds;
  private final int[] aliases;

  private AliasTable(double[] thresholds, int[] aliases) {
    this.thresholds = thresholds;
    this.aliases = aliases;
  }

  /**
   * Lays out the table.
   *
   * @param weights at least one, each above 0
   */
  static AliasTable of(double[] weights) {
    int n = weights.length;
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double[] thresholds = new double[n];
    int[] aliases = new int[n];
    // Columns below their fair share queue from the left, the others from the right.
    int[] queue = new int[n];
    int below = 0;
    int above = n;
    for (int i = 0; i < n; i++) {
      thresholds[i] = weights[i] * n / total;
      aliases[i] = i;
      if (thresholds[i] < 1) {
        queue[below++] = i;
      } else {
        queue[--above] = i;
      }
    }
    while (below > 0 && above < n) {
      int poor = queue[--below];
      int rich = queue[above];
      aliases[poor] = rich;
      thresholds[rich] -= 1 - thresholds[poor];
      if (thresholds[rich] < 1) {
        above++;
        queue[below++] = rich;
      }
    }
    // What rounding left over is a full column.
    while (below > 0) {
      thresholds[queue[--below]] = 1;
    }
    return new AliasTable(thresholds, aliases);
  }

  /**
   * The index drawn by a number of [0, 1): its whole part after scaling picks the column, the rest
   * decides between the column's two.
   */
  int draw(double chance) {
    double scaled = chance * thresholds.length;
    int column = Math.min((int) scaled, thresholds.length - 1);
    return scaled - column < thresholds[column] ? column : aliases[column];
  }
}
