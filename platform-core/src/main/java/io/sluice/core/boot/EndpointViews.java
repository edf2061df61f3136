package io.sluice.core.boot;

import io.sluice.core.admin.AdminModel;
import io.sluice.core.admin.AdminModel.EndpointView;
import io.sluice.core.admin.AdminModel.Health;
import io.sluice.core.upstream.Ejection;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.time.Instant;

/** Endpoints as the admin API shows them. */
final class EndpointViews {

  private EndpointViews() {}

  static EndpointView of(Upstream upstream, EndpointState endpoint) {
    boolean checks = upstream.plugins().healthCheck() != null;
    Health health =
        !checks || !endpoint.checked()
            ? Health.UNKNOWN
            : endpoint.healthy() ? Health.HEALTHY : Health.UNHEALTHY;
    AdminModel.EndpointState state =
        switch (endpoint.admin()) {
          case ENABLED -> AdminModel.EndpointState.ENABLED;
          case DISABLED -> AdminModel.EndpointState.DISABLED;
          case DRAINING -> AdminModel.EndpointState.DRAINING;
        };
    Instant probed = endpoint.probedAt();
    Ejection ejection = endpoint.ejection();
    return new EndpointView(
        endpoint.id(),
        endpoint.name(),
        health,
        state,
        ejection == null ? null : ejection.reason(),
        ejection == null ? null : ejection.until(),
        endpoint.weight(),
        Math.round(endpoint.effectiveWeight() * 1000) / 1000.0,
        endpoint.zone(),
        endpoint.backup(),
        endpoint.priority(),
        endpoint.activeRequests(),
        endpoint.openConnections(),
        endpoint.openStreams(),
        endpoint.tlsProblem(),
        probed == null
            ? null
            : new AdminModel.ProbeView(
                probed,
                endpoint.lastVerdict(),
                endpoint.detail(),
                endpoint.healthSince(),
                endpoint.probesPassed(),
                endpoint.probesFailed()),
        null);
  }
}
