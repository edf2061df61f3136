package io.sluice.plugin.discoverykubernetes;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;

/** Makes slices of the Service {@code users} in the namespace {@code shop}. */
final class Slices {

  private Slices() {}

  static EndpointSliceBuilder slice(String name, Endpoint... endpoints) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .addToLabels("kubernetes.io/service-name", "users")
        .endMetadata()
        .withAddressType("IPv4")
        .withEndpoints(endpoints);
  }

  /** With one port, {@code http} 8080. */
  static EndpointSlice http(String name, Endpoint... endpoints) {
    return slice(name, endpoints)
        .addNewPort()
        .withName("http")
        .withPort(8080)
        .withProtocol("TCP")
        .endPort()
        .build();
  }

  static Endpoint ready(String address) {
    return new EndpointBuilder()
        .withAddresses(address)
        .withNewConditions()
        .withReady(true)
        .endConditions()
        .build();
  }

  static Endpoint endpoint(String address, Boolean ready, Boolean serving, Boolean terminating) {
    return new EndpointBuilder()
        .withAddresses(address)
        .withZone("zone-a")
        .withNewConditions()
        .withReady(ready)
        .withServing(serving)
        .withTerminating(terminating)
        .endConditions()
        .build();
  }
}
