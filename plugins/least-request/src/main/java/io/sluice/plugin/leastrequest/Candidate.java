package io.sluice.plugin.leastrequest;

import io.sluice.api.upstream.Endpoint;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An endpoint with its weight and its place in the turn that decides between equal loads. The turn
 * is start-time fair queueing (P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996): a pick costs {@code 1 /
 * weight} of virtual time, and the one whose start tag is lowest is due. One that was not picked
 * for a while starts at the present, so it is not flooded to make up for the past.
 */
final class Candidate {

  /** The cost of one pick at weight 1. Tags may wrap: they are compared by difference. */
  private static final double UNIT = 1 << 24;

  final Endpoint endpoint;

  private final double bias;
  private final AtomicLong finish = new AtomicLong();

  Candidate(Endpoint endpoint, double bias) {
    this.endpoint = endpoint;
    this.bias = bias;
  }

  /** The effective weight of this moment: slow start moves it. */
  double weight() {
    return Math.max(endpoint.effectiveWeight(), 0.01);
  }

  /** Requests in flight, to the power of the bias, for each unit of weight. */
  double load() {
    int active = endpoint.activeRequests();
    // Without any bias load says nothing, and the turn alone balances by weight.
    if (active == 0 || bias == 0) {
      return 0;
    }
    return (bias == 1 ? active : Math.pow(active, bias)) / weight();
  }

  boolean isDueBefore(Candidate other, long now) {
    return start(now) - other.start(now) < 0;
  }

  /** Takes a turn and answers its start tag. */
  long takeTurn(long now) {
    long start = start(now);
    finish.setOpaque(start + Math.max(1, (long) (UNIT / weight())));
    return start;
  }

  private long start(long now) {
    long own = finish.getOpaque();
    return own - now > 0 ? own : now;
  }
}
