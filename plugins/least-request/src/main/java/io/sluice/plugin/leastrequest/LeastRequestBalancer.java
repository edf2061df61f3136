package io.sluice.plugin.leastrequest;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Picks the endpoint with the lowest load, {@code activeRequests ^ bias / effectiveWeight}: of all
 * when there are at most three (or no more than {@code choices}), else of {@code choices} drawn by
 * weight. Two draws take away nearly all of the imbalance of one, and unlike a full scan they do
 * not send every loop to the same endpoint at once (M. Mitzenmacher, "The Power of Two Choices in
 * Randomized Load Balancing", IEEE TPDS 12(10), 2001). Dividing by the weight and taking equals in
 * turn is what nginx's {@code least_conn} does.
 *
 * <p>Equal loads, the rule rather than the exception where traffic is light, go in weighted turn:
 * see {@link Candidate}. Weights are those of the moment of the pick; only the chance to be drawn
 * is that of the moment the picker was made. A pick allocates nothing and takes no lock.
 */
final class LeastRequestBalancer implements LoadBalancer {

  /** Up to here comparing all is as cheap as drawing. */
  private static final int SCAN_LIMIT = 3;

  private final LeastRequestConfig config;

  private final Supplier<? extends RandomGenerator> random;

  /**
   * @param random answers a generator for the calling thread
   */
  LeastRequestBalancer(LeastRequestConfig config, Supplier<? extends RandomGenerator> random) {
    this.config = config;
    this.random = random;
  }

  @Override
  public Picker picker(List<Endpoint> endpoints) {
    Candidate[] candidates = new Candidate[endpoints.size()];
    for (int i = 0; i < candidates.length; i++) {
      candidates[i] = new Candidate(endpoints.get(i), config.bias());
    }
    TurnClock clock = new TurnClock();
    return candidates.length <= Math.max(SCAN_LIMIT, config.choices())
        ? new ScanPicker(candidates, clock)
        : new DrawPicker(candidates, clock, config.choices(), random);
  }

  private static boolean isBetter(
      Candidate candidate, double load, Candidate best, double bestLoad, long now) {
    return load < bestLoad || (load == bestLoad && candidate.isDueBefore(best, now));
  }

  /** Compares all candidates. */
  private static final class ScanPicker implements Picker {

    private final Candidate[] candidates;
    private final TurnClock clock;

    ScanPicker(Candidate[] candidates, TurnClock clock) {
      this.candidates = candidates;
      this.clock = clock;
    }

    @Override
    public Endpoint pick(PickRequest request) {
      long now = clock.now();
      Candidate best = null;
      double bestLoad = 0;
      for (Candidate candidate : candidates) {
        if (request.excluded(candidate.endpoint)) {
          continue;
        }
        double load = candidate.load();
        if (best == null || isBetter(candidate, load, best, bestLoad, now)) {
          best = candidate;
          bestLoad = load;
        }
      }
      if (best == null) {
        return candidates[0].endpoint;
      }
      clock.set(best.takeTurn(now));
      return best.endpoint;
    }
  }

  /** Compares a few candidates drawn by weight. */
  private static final class DrawPicker implements Picker {

    private final Candidate[] candidates;
    private final TurnClock clock;
    private final WeightedDraw draw;
    private final int choices;
    private final Supplier<? extends RandomGenerator> random;
    private final ScanPicker scan;

    DrawPicker(
        Candidate[] candidates,
        TurnClock clock,
        int choices,
        Supplier<? extends RandomGenerator> random) {
      this.random = random;
      this.candidates = candidates;
      this.clock = clock;
      this.choices = choices;
      this.draw = WeightedDraw.of(candidates);
      this.scan = new ScanPicker(candidates, clock);
    }

    @Override
    public Endpoint pick(PickRequest request) {
      RandomGenerator generator = random.get();
      long now = clock.now();
      Candidate best = null;
      double bestLoad = 0;
      int previous = -1;
      for (int i = 0; i < choices; i++) {
        int index = draw.next(generator);
        if (index == previous) {
          index = (index + 1 + generator.nextInt(candidates.length - 1)) % candidates.length;
        }
        previous = index;
        Candidate candidate = candidates[index];
        if (request.excluded(candidate.endpoint)) {
          continue;
        }
        double load = candidate.load();
        if (best == null || isBetter(candidate, load, best, bestLoad, now)) {
          best = candidate;
          bestLoad = load;
        }
      }
      if (best == null) {
        return scan.pick(request);
      }
      clock.set(best.takeTurn(now));
      return best.endpoint;
    }
  }
}
