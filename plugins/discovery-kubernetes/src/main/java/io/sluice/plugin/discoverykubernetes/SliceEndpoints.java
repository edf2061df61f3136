package io.sluice.plugin.discoverykubernetes;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What EndpointSlices (discovery.k8s.io/v1) say, in our terms. A ready endpoint serves. One that is
 * terminating but serves still is for the time when no other is left: priority 1, as kube-proxy has
 * it (KEP-1669). The rest is left out. An unknown {@code ready} counts as true, and an unknown
 * {@code serving} as {@code ready}, as the API reference asks of consumers. One address in two
 * slices, as may be while the control plane moves it, counts once, at its best.
 */
final class SliceEndpoints {

  private static final int READY = 0;
  private static final int LAST_RESORT = 1;
  private static final int OUT = -1;

  private final KubernetesDiscoveryConfig config;

  SliceEndpoints(KubernetesDiscoveryConfig config) {
    this.config = config;
  }

  /**
   * The endpoints, sorted by address.
   *
   * @throws PortUnknown when a slice has not the one port that is wanted
   */
  List<EndpointSpec> of(Collection<EndpointSlice> slices) throws PortUnknown {
    TreeMap<String, EndpointSpec> found = new TreeMap<>();
    for (EndpointSlice slice : slices) {
      List<Endpoint> endpoints = slice.getEndpoints();
      if (endpoints == null
          || endpoints.isEmpty()
          || !config.family().takes(slice.getAddressType())) {
        continue;
      }
      int port = port(slice);
      for (Endpoint endpoint : endpoints) {
        int priority = priority(endpoint.getConditions());
        if (priority != OUT && endpoint.getAddresses() != null) {
          for (String address : endpoint.getAddresses()) {
            EndpointSpec spec =
                new EndpointSpec(
                    address, port, 1, endpoint.getZone(), priority, name(slice, endpoint));
            found.merge(
                address + " " + port,
                spec,
                (one, other) -> one.priority() <= other.priority() ? one : other);
          }
        }
      }
    }
    return new ArrayList<>(found.values());
  }

  /**
   * The name in the cluster's DNS (its specification, version 1.1.0, §2.3 and §2.4), without the
   * cluster's domain, which the API does not tell: that of the Service, and for a pod with a host
   * name of its own, as those of a StatefulSet have, that one before it.
   */
  private @Nullable String name(EndpointSlice slice, Endpoint endpoint) {
    String namespace = slice.getMetadata() == null ? null : slice.getMetadata().getNamespace();
    if (namespace == null) {
      return null;
    }
    String service = config.service() + "." + namespace + ".svc";
    String pod = endpoint.getHostname();
    String name = pod == null || pod.isEmpty() ? service : pod + "." + service;
    return EndpointSpec.isName(name) ? name : service;
  }

  private static int priority(@Nullable EndpointConditions conditions) {
    if (conditions == null || conditions.getReady() == null || conditions.getReady()) {
      return READY;
    }
    boolean serving = Boolean.TRUE.equals(conditions.getServing());
    boolean terminating = Boolean.TRUE.equals(conditions.getTerminating());
    return serving && terminating ? LAST_RESORT : OUT;
  }

  private int port(EndpointSlice slice) throws PortUnknown {
    List<EndpointPort> ports = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>();
    if (slice.getPorts() != null) {
      for (EndpointPort each : slice.getPorts()) {
        boolean tcp = each.getProtocol() == null || each.getProtocol().equals("TCP");
        if (tcp && each.getPort() != null) {
          ports.add(each);
          names.add(name(each));
        }
      }
    }
    String wanted = config.port();
    if (wanted != null) {
      ports.removeIf(
          each -> !wanted.equals(each.getName()) && !wanted.equals(String.valueOf(each.getPort())));
    }
    if (ports.size() == 1) {
      return ports.get(0).getPort();
    }
    String has = names.isEmpty() ? "none of TCP" : String.join(", ", names);
    throw new PortUnknown(
        "service "
            + config.service()
            + (wanted == null
                ? (names.isEmpty() ? " has no port" : " has several ports, say which: " + has)
                : " has no port " + wanted + ", but " + has));
  }

  private static String name(EndpointPort port) {
    boolean named = port.getName() != null && !port.getName().isEmpty();
    return named ? port.getName() + " (" + port.getPort() + ")" : String.valueOf(port.getPort());
  }
}
