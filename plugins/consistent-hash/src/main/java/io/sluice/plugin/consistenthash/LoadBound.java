package io.sluice.plugin.consistenthash;

import io.sluice.api.upstream.Endpoint;

/**
 * Consistent hashing with bounded loads (V. Mirrokni, M. Thorup, M. Zadimoghaddam, SODA 2018,
 * arXiv:1608.01350): an endpoint takes no more than ⌈c·m/n⌉ of m requests in flight over n
 * endpoints, this one counted in; with weights, its share of the weight stands in place of 1/n.
 * What is beyond goes to the next endpoint by the hash. The weight is the effective one, so an
 * endpoint in slow start keeps its keys and has a lower bound.
 */
final class LoadBound {

  private final Endpoint[] endpoints;
  private final double factor;
  private final boolean off;

  /**
   * @param factor c, above 1; infinite for no bound
   */
  LoadBound(Endpoint[] endpoints, double factor) {
    this.endpoints = endpoints;
    this.factor = factor;
    this.off = Double.isInfinite(factor);
  }

  /** Whether one more request may go to an endpoint now. */
  boolean hasRoom(Endpoint endpoint) {
    // Everyone may have one, as the bound is rounded up.
    return off || endpoint.activeRequests() <= 0 || hasRoom(endpoint, limit());
  }

  /**
   * Whether one more request may go to an endpoint. For whole numbers {@code active + 1 ≤ ⌈x⌉} just
   * when {@code active < x}.
   *
   * @param limit what {@link #limit} answered
   */
  boolean hasRoom(Endpoint endpoint, double limit) {
    return endpoint.activeRequests() < limit * endpoint.effectiveWeight();
  }

  /** The most that one unit of weight may have in flight, not rounded. */
  double limit() {
    if (off) {
      return Double.POSITIVE_INFINITY;
    }
    long active = 1;
    double weight = 0;
    for (Endpoint endpoint : endpoints) {
      active += endpoint.activeRequests();
      weight += endpoint.effectiveWeight();
    }
    return factor * active / weight;
  }
}
