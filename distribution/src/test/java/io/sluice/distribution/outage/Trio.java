package io.sluice.distribution.outage;

import eu.rekawek.toxiproxy.Proxy;
import io.sluice.distribution.Nginx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Three endpoints a, b and c of an upstream, each an nginx of its own behind a proxy. */
final class Trio implements AutoCloseable {

  private final String id;
  private final ToxiproxyServer toxiproxy;
  private final List<Nginx> servers;
  private final Proxy[] proxies;

  private Trio(String id, ToxiproxyServer toxiproxy, List<Nginx> servers, Proxy[] proxies) {
    this.id = id;
    this.toxiproxy = toxiproxy;
    this.servers = servers;
    this.proxies = proxies;
  }

  /** Starts those of the upstream and route {@code id}. */
  static Trio start(Path folder, String id, ToxiproxyServer toxiproxy) {
    List<Nginx.Endpoint> endpoints =
        List.of(new Nginx.Endpoint("a"), new Nginx.Endpoint("b"), new Nginx.Endpoint("c"));
    Proxy[] proxies = new Proxy[endpoints.size()];
    for (int i = 0; i < proxies.length; i++) {
      Nginx.Endpoint endpoint = endpoints.get(i);
      proxies[i] = toxiproxy.proxy(id + "-" + endpoint.name(), endpoint.port());
    }
    List<Nginx> servers =
        endpoints.stream()
            .map(endpoint -> Nginx.start(folder, id + "-" + endpoint.name(), endpoint))
            .toList();
    return new Trio(id, toxiproxy, servers, proxies);
  }

  /** Its part of the configuration. */
  String config(String timeouts, String policies) {
    return config(timeouts, policies, List.of("", "", ""));
  }

  /**
   * The same.
   *
   * @param said of each endpoint beside its address, such as {@code priority = 1}
   */
  String config(String timeouts, String policies, List<String> said) {
    return """
    routes += { name = %1$s, match.path-prefix = "/%1$s/", rewrite.strip-prefix = "/%1$s"
                %2$s, upstream = %1$s }
    upstreams.%1$s {
      endpoints = [ %3$s, %4$s, %5$s ]
      %6$s
    }
    """
        .formatted(id, timeouts, endpoint(0, said), endpoint(1, said), endpoint(2, said), policies);
  }

  private String endpoint(int index, List<String> said) {
    return "{ address = \"%s\", %s }".formatted(address(index), said.get(index));
  }

  int size() {
    return proxies.length;
  }

  String id() {
    return id;
  }

  /** The id of an endpoint, which is the address of its proxy. */
  String address(int index) {
    return proxies[index].getListen();
  }

  Nginx server(int index) {
    return servers.get(index);
  }

  void strike(int index, String toxics) throws IOException {
    for (Toxin toxin : Toxin.parseAll(toxics)) {
      toxin.strike(proxies[index]);
    }
  }

  void heal(int index) throws IOException {
    proxies[index] = toxiproxy.renew(proxies[index]);
  }

  @Override
  public void close() {
    servers.forEach(Nginx::close);
  }
}
