package io.sluice.core.listener;

import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What is counted for one listener, over all its sockets. */
final class ListenerMeters {

  final Counter bytesIn;
  final Counter bytesOut;
  private final @Nullable Counter tunnels;
  final AtomicInteger connections = new AtomicInteger();

  /** Those of them that speak HTTP/2 are not among {@link #connections}. */
  final AtomicInteger http2Connections = new AtomicInteger();

  private final Map<Handshake, Counter> handshakes = new EnumMap<>(Handshake.class);

  /** How a TLS handshake ended. */
  enum Handshake {
    /** A connection came of it. */
    SUCCESS,
    /** The two found no common ground, or a certificate was not accepted. */
    FAILURE,
    /** It was not done in time. */
    TIMEOUT,
    /** The client spoke plain HTTP. */
    PLAINTEXT,
    /** The client left before the end. */
    ABANDONED
  }

  ListenerMeters(MeterScope scope, ListenerConfig config) {
    String listener = config.name();
    boolean http = config.protocol() == ListenerConfig.Protocol.HTTP;
    bytesIn = scope.counter(MetricNames.BYTES, "listener", listener, "direction", "in");
    bytesOut = scope.counter(MetricNames.BYTES, "listener", listener, "direction", "out");
    for (Handshake result : Handshake.values()) {
      String label = result.name().toLowerCase(Locale.ROOT);
      handshakes.put(
          result, scope.counter(MetricNames.TLS_HANDSHAKES, "listener", listener, "result", label));
    }
    tunnels = http ? null : scope.counter(MetricNames.TCP_CONNECTIONS, "listener", listener);
    scope.gauge(
        MetricNames.DOWNSTREAM_CONNECTIONS,
        connections::get,
        "listener",
        listener,
        "protocol",
        http ? "http1" : "tcp");
    if (http) {
      scope.gauge(
          MetricNames.DOWNSTREAM_CONNECTIONS,
          http2Connections::get,
          "listener",
          listener,
          "protocol",
          "http2");
    } else {
      scope.gauge(MetricNames.TCP_CONNECTIONS_ACTIVE, connections::get, "listener", listener);
    }
  }

  void tunnelBegan() {
    connections.incrementAndGet();
    if (tunnels != null) {
      tunnels.increment();
    }
  }

  void handshakeEnded(Handshake result) {
    Objects.requireNonNull(handshakes.get(result)).increment();
  }
}
