package io.sluice.plugin.random;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Draws an endpoint with a chance in proportion to its weight. A draw that is excluded is followed
 * by one among the endpoints that are not, again by weight.
 */
final class RandomBalancer implements LoadBalancer {

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
      weights[i] = candidates.get(i).effectiveWeight();
    }
    return new DrawPicker(candidates.toArray(new Endpoint[0]), weights);
  }

  private final class DrawPicker implements Picker {

    private final Endpoint[] candidates;
    private final double[] weights;
    private final AliasTable table;

    DrawPicker(Endpoint[] candidates, double[] weights) {
      this.candidates = candidates;
      this.weights = weights;
      this.table = AliasTable.of(weights);
    }

    @Override
    public Endpoint pick(PickRequest request) {
      Endpoint drawn = candidates[table.draw(chance.getAsDouble())];
      return request.excluded(drawn) ? pickAllowed(request, drawn) : drawn;
    }

    private Endpoint pickAllowed(PickRequest request, Endpoint refused) {
      double total = 0;
      for (int i = 0; i < candidates.length; i++) {
        total += request.excluded(candidates[i]) ? 0 : weights[i];
      }
      double mark = chance.getAsDouble() * total;
      Endpoint last = refused;
      for (int i = 0; i < candidates.length && mark >= 0; i++) {
        if (!request.excluded(candidates[i])) {
          last = candidates[i];
          mark -= weights[i];
        }
      }
      return last;
    }
  }
}
