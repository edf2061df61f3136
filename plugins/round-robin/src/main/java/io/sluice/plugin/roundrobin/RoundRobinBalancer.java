package io.sluice.plugin.roundrobin;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes the endpoints in turn. The turn is one counter for all event loops, so two endpoints of
 * equal weight alternate on every request whichever loop it arrives on. The counter outlives a
 * change of candidates; only the {@link SmoothSequence} it walks is made anew.
 *
 * <p>A retry has a counter of its own. Were it to take a turn, then with two endpoints, one of them
 * broken, every first attempt would fall on the broken one.
 *
 * <p>An endpoint in slow start keeps the share of its turns that its effective weight bears to its
 * weight; the others are passed over. Which ones is told by the multiples of the golden ratio,
 * whose fractions are spread over [0, 1) as evenly as can be (H. Weyl, 1916; Knuth, TAOCP 6.4), so
 * the sequence need not follow the effective weights.
 */
final class RoundRobinBalancer implements LoadBalancer {

  /** With every endpoint in slow start there is somebody whose turn it is all the same. */
  private static final int MOST_PASSED_OVER = 32;

  /** 2⁶⁴ ÷ φ. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final AtomicLong firstTurn = new AtomicLong();
  private final AtomicLong retryTurn = new AtomicLong();

  @Override
  public Picker picker(List<Endpoint> candidates) {
    double[] weights = new double[candidates.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = candidates.get(i).weight();
    }
    int[] order = SmoothSequence.of(weights);
    Endpoint[] sequence = new Endpoint[order.length];
    for (int i = 0; i < order.length; i++) {
      sequence[i] = candidates.get(order[i]);
    }
    return new TurnPicker(candidates.toArray(new Endpoint[0]), sequence);
  }

  /** Walks one sequence by the balancer's counters. */
  private final class TurnPicker implements Picker {

    private final Endpoint[] candidates;
    private final Endpoint[] sequence;

    TurnPicker(Endpoint[] candidates, Endpoint[] sequence) {
      this.candidates = candidates;
      this.sequence = sequence;
    }

    @Override
    public Endpoint pick(PickRequest request) {
      AtomicLong counter = request.earlierAttempts() > 0 ? retryTurn : firstTurn;
      long turn = counter.getAndIncrement();
      Endpoint endpoint = at(turn);
      for (int i = 0; i < MOST_PASSED_OVER && passesOver(endpoint, turn); i++) {
        turn = counter.getAndIncrement();
        endpoint = at(turn);
      }
      return request.excluded(endpoint)
          ? pickOther(request, endpoint, Math.floorMod(turn, sequence.length))
          : endpoint;
    }

    private Endpoint at(long turn) {
      return sequence[Math.floorMod(turn, sequence.length)];
    }

    private static boolean passesOver(Endpoint endpoint, long turn) {
      double weight = endpoint.weight();
      double effective = endpoint.effectiveWeight();
      return effective < weight && ((turn * GOLDEN) >>> 11) * 0x1p-53 * weight >= effective;
    }

    /** The next endpoint in the sequence that is allowed; the refused one when none is. */
    private Endpoint pickOther(PickRequest request, Endpoint refused, int turn) {
      // A heavy endpoint may fill long stretches of the sequence: look a little, then scan the set.
      int steps = Math.min(sequence.length, 2 * candidates.length);
      for (int i = 1, at = turn; i < steps; i++) {
        at = at + 1 == sequence.length ? 0 : at + 1;
        if (sequence[at] != refused && !request.excluded(sequence[at])) {
          return sequence[at];
        }
      }
      for (Endpoint candidate : candidates) {
        if (candidate != refused && !request.excluded(candidate)) {
          return candidate;
        }
      }
      return refused;
    }
  }
}
