package io.sluice.core.upstream;

import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who of an upstream's endpoints may be picked. Worked out anew whenever something changed, never
 * on an event loop, and published as one immutable value that every event loop picks from.
 */
final class Eligibility {

  /** How often the balancer is asked before it is overruled. */
  private static final int PICKS = 3;

  private record Candidates(List<EndpointState> eligible, LoadBalancer.@Nullable Picker picker) {}

  private final UpstreamConfig config;
  private final LoadBalancer balancer;
  private volatile Candidates candidates = new Candidates(List.of(), null);

  Eligibility(UpstreamConfig config, LoadBalancer balancer) {
    this.config = config;
    this.balancer = balancer;
  }

  /** Works out anew who may be picked; one caller at a time. */
  void update(List<EndpointState> all) {
    List<EndpointState> serving =
        all.stream().filter(endpoint -> endpoint.eligible() && !endpoint.backup()).toList();
    if (serving.isEmpty()) {
      serving = all.stream().filter(EndpointState::eligible).toList();
    }
    if (config.panicThreshold() > 0 && serving.size() < config.panicThreshold() * all.size()) {
      serving =
          all.stream().filter(endpoint -> endpoint.admin() == EndpointState.Admin.ENABLED).toList();
    }
    candidates =
        new Candidates(serving, serving.isEmpty() ? null : balancer.picker(List.copyOf(serving)));
  }

  /** How many may be picked. */
  int count() {
    return candidates.eligible.size();
  }

  /** The endpoint for an attempt: see {@link Upstream#pick}. */
  @Nullable EndpointState pick(PickRequest request) {
    Candidates now = candidates;
    if (now.picker == null) {
      return null;
    }
    EndpointState picked = null;
    for (int i = 0; i < PICKS; i++) {
      picked = (EndpointState) now.picker.pick(request);
      if (!request.excluded(picked)) {
        return picked;
      }
    }
    for (EndpointState other : now.eligible) {
      if (!request.excluded(other)) {
        return other;
      }
    }
    return picked;
  }
}
