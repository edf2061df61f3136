package io.sluice.plugin.discoverykubernetes;

import static io.sluice.plugin.discoverykubernetes.Slices.endpoint;
import static io.sluice.plugin.discoverykubernetes.Slices.http;
import static io.sluice.plugin.discoverykubernetes.Slices.ready;
import static io.sluice.plugin.discoverykubernetes.Slices.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import io.sluice.plugin.discoverykubernetes.KubernetesDiscoveryConfig.Family;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SliceEndpointsTest {

  private static final String NAME = "users.shop.svc";

  private static EndpointSpec at(String host, int port) {
    return EndpointSpec.at(host, port).named(NAME);
  }

  private static SliceEndpoints wanted(@Nullable String port, Family family) {
    return new SliceEndpoints(
        new KubernetesDiscoveryConfig("users", null, port, family, null, null, null, null));
  }

  private static List<EndpointSpec> of(@Nullable String port, EndpointSlice... slices)
      throws PortUnknown {
    return wanted(port, Family.ANY).of(List.of(slices));
  }

  @Test
  void readyOnesServeWithTheirZone() throws Exception {
    assertThat(of(null, http("a", endpoint("10.0.0.2", true, true, false), ready("10.0.0.1"))))
        .containsExactly(
            at("10.0.0.1", 8080), new EndpointSpec("10.0.0.2", 8080, 1, "zone-a", 0, NAME));
  }

  @Test
  void theyAreCalledAsClusterDnsCallsThem() throws Exception {
    EndpointSlice slice =
        new EndpointSliceBuilder(
                http(
                    "a",
                    ready("10.0.0.1"),
                    new EndpointBuilder().withAddresses("10.0.0.2").withHostname("web-0").build()))
            .editOrNewMetadata()
            .withNamespace("shop")
            .endMetadata()
            .build();
    assertThat(of(null, slice))
        .extracting(EndpointSpec::name)
        .containsExactly(NAME, "web-0.users.shop.svc");
  }

  @Test
  void unknownConditionsCountAsReady() throws Exception {
    assertThat(
            of(
                null,
                http(
                    "a",
                    endpoint("10.0.0.1", null, null, null),
                    new EndpointBuilder().withAddresses("10.0.0.2").build())))
        .hasSize(2)
        .allMatch(each -> each.priority() == 0);
  }

  @Test
  void oneThatTerminatesButServesIsTheLastResort() throws Exception {
    assertThat(
            of(
                null,
                http(
                    "a",
                    endpoint("10.0.0.1", false, true, true),
                    endpoint("10.0.0.2", false, false, true),
                    endpoint("10.0.0.3", false, true, false),
                    endpoint("10.0.0.4", false, null, null))))
        .containsExactly(new EndpointSpec("10.0.0.1", 8080, 1, "zone-a", 1, NAME));
  }

  @Test
  void oneAddressInTwoSlicesCountsOnceAtItsBest() throws Exception {
    assertThat(
            of(
                null,
                http("a", endpoint("10.0.0.1", false, true, true)),
                http("b", ready("10.0.0.1"))))
        .containsExactly(at("10.0.0.1", 8080));
  }

  private static EndpointSliceBuilder twoPorts(String name, int http) {
    return slice(name, ready("10.0.0." + http % 10))
        .addNewPort()
        .withName("http")
        .withPort(http)
        .endPort()
        .addNewPort()
        .withName("grpc")
        .withPort(9090)
        .withProtocol("TCP")
        .endPort()
        .addNewPort()
        .withName("dns")
        .withPort(53)
        .withProtocol("UDP")
        .endPort();
  }

  @Test
  void thePortIsFoundByNameInEachSliceOrByNumber() throws Exception {
    EndpointSlice one = twoPorts("a", 8081).build();
    EndpointSlice other = twoPorts("b", 8082).build();
    assertThat(of("http", one, other)).containsExactly(at("10.0.0.1", 8081), at("10.0.0.2", 8082));
    assertThat(of("9090", one)).containsExactly(at("10.0.0.1", 9090));
  }

  @Test
  void saysWhichPortsThereAre() {
    EndpointSlice slice = twoPorts("a", 8081).build();
    assertThatThrownBy(() -> of(null, slice))
        .hasMessage("service users has several ports, say which: grpc (9090), http (8081)");
    assertThatThrownBy(() -> of("dns", slice))
        .hasMessage("service users has no port dns, but grpc (9090), http (8081)");
    assertThatThrownBy(() -> of(null, slice("a", ready("10.0.0.1")).build()))
        .hasMessage("service users has no port");
  }

  @Test
  void slicesWithoutEndpointsNeedNoPort() throws Exception {
    assertThat(of(null, slice("a").build())).isEmpty();
  }

  @Test
  void aFamilyMayBeChosen() throws Exception {
    EndpointSlice four = http("a", ready("10.0.0.1"));
    EndpointSlice six =
        new EndpointSliceBuilder(http("b", ready("fd00::1"))).withAddressType("IPv6").build();
    assertThat(of(null, four, six)).hasSize(2);
    assertThat(wanted(null, Family.IPV6).of(List.of(four, six)))
        .containsExactly(at("fd00::1", 8080));
    assertThat(wanted(null, Family.IPV4).of(List.of(four, six)))
        .containsExactly(at("10.0.0.1", 8080));
  }
}
