package io.sluice.core.upstream;

import io.sluice.core.http.WebSocketKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the endpoints of one upstream agreed on when they were last connected to, which says how the
 * next connection to them is made. On one event loop.
 */
final class AgreedProtocols {

  private final UpstreamConfig config;

  /** Endpoints that agreed on a protocol without streams. */
  private final Set<EndpointState> oneAtATime = new HashSet<>();

  /** Endpoints that agreed on HTTP/2 and let no request change to another protocol. */
  private final Set<EndpointState> withoutUpgrade = new HashSet<>();

  AgreedProtocols(UpstreamConfig config) {
    this.config = config;
  }

  /** What {@code taker} wants to change to, where there are connections to choose between. */
  @Nullable String upgrade(ConnectionTaker taker) {
    return config.protocol() == UpstreamConfig.Protocol.AUTO ? taker.upgrade() : null;
  }

  /** Whether it takes a connection of HTTP/1.1 to change to {@code upgrade}, as is known by now. */
  boolean onlyHttp1(EndpointState endpoint, @Nullable String upgrade) {
    return upgrade != null && withoutUpgrade.contains(endpoint);
  }

  /** Whether a new connection will have room for several requests, as far as anyone knows. */
  boolean multiplexes(EndpointState endpoint, @Nullable String upgrade) {
    return config.multiplexes() && !oneAtATime.contains(endpoint) && !onlyHttp1(endpoint, upgrade);
  }

  /** A connection was made on which the endpoint had its choice. */
  void learn(PooledConnection connection) {
    EndpointState endpoint = connection.endpoint();
    if (!config.multiplexes()) {
      return;
    }
    if (!connection.multiplexed()) {
      oneAtATime.add(endpoint);
      withoutUpgrade.remove(endpoint);
      return;
    }
    oneAtATime.remove(endpoint);
    if (connection.takes(WebSocketKey.PROTOCOL)) {
      withoutUpgrade.remove(endpoint);
    } else {
      withoutUpgrade.add(endpoint);
    }
  }

  void forget(EndpointState endpoint) {
    oneAtATime.remove(endpoint);
    withoutUpgrade.remove(endpoint);
  }
}
