package io.sluice.distribution.outage;

import static org.awaitility.Awaitility.await;

import eu.rekawek.toxiproxy.Proxy;
import io.sluice.distribution.Nginx;
import io.sluice.distribution.SluiceProcess;
import io.sluice.distribution.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A route of the running Sluice whose upstream has two endpoints: the sick one behind a proxy of
 * Toxiproxy, heavy enough to get every first attempt, and the well one.
 */
final class Site {

  private final String id;
  private final ToxiproxyServer toxiproxy;
  private final SluiceProcess sluice;
  private Proxy proxy;

  Site(String id, ToxiproxyServer toxiproxy, Proxy proxy, SluiceProcess sluice) {
    this.id = id;
    this.toxiproxy = toxiproxy;
    this.proxy = proxy;
    this.sluice = sluice;
  }

  /** Its part of the configuration. */
  static String upstream(String id, Proxy sick, Nginx.Endpoint well, String policies) {
    return """
    upstreams.%s {
      endpoints = [ { address = "%s", weight = 1000 }, "%s" ]
      balancer.type = round-robin
      %s
    }
    """
        .formatted(id, sick.getListen(), well.address(), policies);
  }

  /** The id of the sick endpoint. */
  String sick() {
    return proxy.getListen();
  }

  void strike(List<Toxin> toxins) throws IOException {
    for (Toxin toxin : toxins) {
      toxin.strike(proxy);
    }
  }

  /** Takes back what was struck. */
  void heal() throws IOException {
    proxy = toxiproxy.renew(proxy);
  }

  Metrics metrics() {
    return Metrics.read(sluice.adminPort());
  }

  /** A small GET on a connection of its own. */
  Wire.Message get() throws IOException {
    try (Caller caller = new Caller(sluice.port("web"))) {
      return get(caller);
    }
  }

  /** A small GET on {@code caller}'s connection. */
  Wire.Message get(Caller caller) throws IOException {
    caller.send("GET", "/" + id + "/small", id, new byte[0]);
    Wire.Message answer = caller.head();
    caller.content(Long.MAX_VALUE);
    return answer;
  }

  /** Waits until a GET is answered by the endpoint that was sick. */
  void awaitRecovery(Duration atMost) {
    await("the sick endpoint serves again")
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              Wire.Message answer = get();
              return answer.status() == 200 && "sick".equals(answer.header("X-Endpoint"));
            });
  }
}
