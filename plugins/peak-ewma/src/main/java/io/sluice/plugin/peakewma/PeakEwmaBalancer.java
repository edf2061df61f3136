package io.sluice.plugin.peakewma;

import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointSlot;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Picks the endpoint that is expected to answer soonest: of two drawn by weight, or of all when
 * there are at most three, the one where latency × (requests in flight + 1) ÷ weight is least. The
 * latency is a moving average sensitive to peaks, see {@link Estimate}; how two are compared is in
 * {@link Candidate}. After the {@code p2c_peak_ewma} balancer of Twitter's Finagle, which linkerd
 * uses by default; why two draws are enough: M. Mitzenmacher, "The Power of Two Choices in
 * Randomized Load Balancing", IEEE TPDS 12(10), 2001.
 *
 * <p>Latency is the time to the response head, not to the end of its content, which depends on the
 * size of the content and on the client. An attempt that was cancelled, or failed on the client's
 * side or at a limit of the proxy, says nothing about its endpoint and is passed over; one that its
 * hedge overtook counts as a failure, else hedging would hide a slow endpoint from the balancer
 * that is to avoid it. A pick allocates nothing and takes no lock.
 */
final class PeakEwmaBalancer implements LoadBalancer {

  /** Up to here comparing all is as cheap as drawing. */
  private static final int SCAN_LIMIT = 3;

  private final PeakEwmaConfig config;
  private final EndpointSlot<Estimate> slot;
  private final LongSupplier ticker;
  private final Supplier<? extends RandomGenerator> random;

  /**
   * @param ticker monotonic nanoseconds
   * @param random answers a generator for the calling thread
   */
  PeakEwmaBalancer(
      PeakEwmaConfig config,
      EndpointSlot<Estimate> slot,
      LongSupplier ticker,
      Supplier<? extends RandomGenerator> random) {
    this.config = config;
    this.slot = slot;
    this.ticker = ticker;
    this.random = random;
  }

  @Override
  public Picker picker(List<Endpoint> endpoints) {
    Candidate[] candidates = new Candidate[endpoints.size()];
    double[] weights = new double[candidates.length];
    for (int i = 0; i < candidates.length; i++) {
      Endpoint endpoint = endpoints.get(i);
      candidates[i] = new Candidate(endpoint, endpoint.getOrSet(slot, new Estimate(config)));
      weights[i] = endpoint.effectiveWeight();
    }
    return candidates.length <= SCAN_LIMIT
        ? new ScanPicker(candidates)
        : new DrawPicker(candidates, WeightedDraw.of(weights));
  }

  @Override
  public void onAttemptEnd(Endpoint endpoint, AttemptOutcome outcome) {
    Estimate estimate = endpoint.get(slot);
    if (estimate == null || (outcome.cancelled() && !outcome.overtaken())) {
      return;
    }
    if (outcome.failed() || outcome.overtaken()) {
      estimate.failed(outcome.firstByteNanos(), ticker.getAsLong());
    } else if (outcome.error() == null) {
      estimate.answered(outcome.firstByteNanos(), ticker.getAsLong());
    }
  }

  /** Compares all candidates, beginning anywhere, so that equals have equal chances. */
  private final class ScanPicker implements Picker {

    private final Candidate[] candidates;

    ScanPicker(Candidate[] candidates) {
      this.candidates = candidates;
    }

    @Override
    public Endpoint pick(PickRequest request) {
      long now = ticker.getAsLong();
      int at = candidates.length == 1 ? 0 : random.get().nextInt(candidates.length);
      Candidate best = null;
      for (int i = 0; i < candidates.length; i++) {
        Candidate candidate = candidates[at];
        if (!request.excluded(candidate.endpoint)
            && (best == null || candidate.isBetterThan(best, now))) {
          best = candidate;
        }
        at = at + 1 == candidates.length ? 0 : at + 1;
      }
      return best == null ? candidates[at].endpoint : best.endpoint;
    }
  }

  /** Compares two candidates drawn by weight. */
  private final class DrawPicker implements Picker {

    private final Candidate[] candidates;
    private final WeightedDraw draw;
    private final ScanPicker scan;

    DrawPicker(Candidate[] candidates, WeightedDraw draw) {
      this.candidates = candidates;
      this.draw = draw;
      this.scan = new ScanPicker(candidates);
    }

    @Override
    public Endpoint pick(PickRequest request) {
      RandomGenerator generator = random.get();
      int first = draw.next(generator);
      int second = draw.next(generator);
      if (second == first) {
        second = (first + 1 + generator.nextInt(candidates.length - 1)) % candidates.length;
      }
      Candidate a = candidates[first];
      Candidate b = candidates[second];
      if (request.excluded(a.endpoint)) {
        return request.excluded(b.endpoint) ? scan.pick(request) : b.endpoint;
      }
      if (request.excluded(b.endpoint)) {
        return a.endpoint;
      }
      return b.isBetterThan(a, ticker.getAsLong()) ? b.endpoint : a.endpoint;
    }
  }
}
