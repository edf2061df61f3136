package io.sluice.plugin.random;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Draws an endpoint with a chance in proportion to its weight. A draw that is excluded is followed
 * by one among the endpoints that are not, again by weight.
 *
 * <p>An endpoint in slow start keeps a draw with the chance that its effective weight bears to its
 * weight, and else there is another draw: by that rejection (J. von Neumann, 1951) the shares are
 * exactly those of the effective weights of the moment, and the table need not follow them.
 */
final class RandomBalancer implements LoadBalancer {

  /** Then the candidates are gone through: nearly all of them are in slow start. */
  private static final int MOST_DRAWS = 8;

  private final DoubleSupplier chance;

  /**
   * @param chance answers numbers spread evenly over [0, 1), on any thread
   */
  RandomBalancer(DoubleSupplier chance) {
    this.chance = chance;
  }

  @Override
  public Picker picker(List<Endpoint> candidates) {
    double[] weights = new double[candidates.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = candidates.get(i).weight();
    }
    return new DrawPicker(candidates.toArray(new Endpoint[0]), AliasTable.of(weights));
  }

  private final class DrawPicker implements Picker {

    private final Endpoint[] candidates;
    private final AliasTable table;

    DrawPicker(Endpoint[] candidates, AliasTable table) {
      this.candidates = candidates;
      this.table = table;
    }

    @Override
    public Endpoint pick(PickRequest request) {
      for (int i = 0; i < MOST_DRAWS; i++) {
        Endpoint drawn = candidates[table.draw(chance.getAsDouble())];
        if (request.excluded(drawn)) {
          return pickAllowed(request, drawn);
        }
        double weight = drawn.weight();
        double effective = drawn.effectiveWeight();
        if (effective >= weight || chance.getAsDouble() * weight < effective) {
          return drawn;
        }
      }
      return pickAllowed(request, candidates[0]);
    }

    private Endpoint pickAllowed(PickRequest request, Endpoint refused) {
      double total = 0;
      for (Endpoint candidate : candidates) {
        total += request.excluded(candidate) ? 0 : candidate.effectiveWeight();
      }
      double mark = chance.getAsDouble() * total;
      Endpoint last = refused;
      for (int i = 0; i < candidates.length && mark >= 0; i++) {
        if (!request.excluded(candidates[i])) {
          last = candidates[i];
          mark -= candidates[i].effectiveWeight();
        }
      }
      return last;
    }
  }
}
