package io.sluice.plugin.peakewma;

import io.sluice.api.upstream.Endpoint;

/** An endpoint with what is known of it. */
final class Candidate {

  final Endpoint endpoint;

  private final Estimate estimate;

  Candidate(Endpoint endpoint, Estimate estimate) {
    this.endpoint = endpoint;
    this.estimate = estimate;
  }

  /**
   * Whether a request is expected to be answered sooner here than at {@code other}: by latency ×
   * penalty × (requests in flight + 1) ÷ effective weight.
   *
   * <p>What is known fades, and the less fresh it is, the more of the latency is a guess: half of
   * what the two take on average, each weighed by its freshness. So an endpoint that is new, idle
   * or was slow once is tried again after a while, and until it answers it holds at most about
   * twice as many requests as the other. Finagle lets the latency itself fade to zero: then the
   * first of two idle endpoints to answer looks infinitely slower than the second, which gets
   * everything until it answers too.
   */
  boolean isBetterThan(Candidate other, long now) {
    long ownWord = estimate.latency();
    long otherWord = other.estimate.latency();
    double ownFreshness = estimate.freshness(ownWord, now);
    double otherFreshness = other.estimate.freshness(otherWord, now);
    double known = ownFreshness + otherFreshness;
    if (known == 0) {
      return load(1, now) < other.load(1, now);
    }
    double own = Estimate.nanos(ownWord);
    double others = Estimate.nanos(otherWord);
    double guess = (own * ownFreshness + others * otherFreshness) / known / 2;
    return load(guess + (own - guess) * ownFreshness, now)
        < other.load(guess + (others - guess) * otherFreshness, now);
  }

  private double load(double nanos, long now) {
    double weight = Math.max(endpoint.effectiveWeight(), 0.01);
    return nanos * estimate.penalty(now) * (endpoint.activeRequests() + 1) / weight;
  }
}
