package io.sluice.plugin.consistenthash;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.api.upstream.PickRequest;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Picks among one set of candidates: the owner of the slot that the key's hash falls on; when it is
 * excluded or at its bound the owner of the next slot, and so on, in an order that the hash alone
 * decides. So a retry, too, goes where the retry of the same key went before. A request without a
 * key starts at a slot by chance.
 */
final class HashPicker implements Picker {

  /**
   * Slots looked at for each candidate. If one in n is allowed, it is missed by chance e⁻⁸, and
   * then found by going through the candidates.
   */
  private static final int STEPS_PER_CANDIDATE = 8;

  private final HashKey[] keys;
  private final Endpoint[] endpoints;
  private final Layout layout;
  private final LoadBound bound;
  private final Supplier<? extends RandomGenerator> random;

  HashPicker(
      HashKey[] keys,
      Endpoint[] endpoints,
      Layout layout,
      LoadBound bound,
      Supplier<? extends RandomGenerator> random) {
    this.keys = keys;
    this.endpoints = endpoints;
    this.layout = layout;
    this.bound = bound;
    this.random = random;
  }

  @Override
  public Endpoint pick(PickRequest request) {
    int slot = layout.slot(hash(request));
    Endpoint owner = endpoints[layout.owner(slot)];
    return !request.excluded(owner) && bound.hasRoom(owner) ? owner : walk(request, slot);
  }

  private long hash(PickRequest request) {
    for (HashKey key : keys) {
      long hash = key.hash(request);
      if (hash != HashKey.ABSENT) {
        return hash;
      }
    }
    return random.get().nextLong();
  }

  private Endpoint walk(PickRequest request, int start) {
    double limit = bound.limit();
    int steps = Math.min(layout.size(), STEPS_PER_CANDIDATE * endpoints.length);
    int refused = layout.owner(start);
    int slot = start;
    for (int i = 1; i < steps; i++) {
      slot = slot + 1 == layout.size() ? 0 : slot + 1;
      int owner = layout.owner(slot);
      // Neighbours often have one owner.
      if (owner != refused) {
        Endpoint endpoint = endpoints[owner];
        if (!request.excluded(endpoint) && bound.hasRoom(endpoint, limit)) {
          return endpoint;
        }
        refused = owner;
      }
    }
    return scan(request, layout.owner(start), limit);
  }

  /** The next candidate in order with room; else the next allowed; else the first itself. */
  private Endpoint scan(PickRequest request, int first, double limit) {
    Endpoint allowed = null;
    for (int i = 0, at = first; i < endpoints.length; i++) {
      if (!request.excluded(endpoints[at])) {
        if (bound.hasRoom(endpoints[at], limit)) {
          return endpoints[at];
        }
        allowed = allowed == null ? endpoints[at] : allowed;
      }
      at = at + 1 == endpoints.length ? 0 : at + 1;
    }
    return allowed == null ? endpoints[first] : allowed;
  }
}
