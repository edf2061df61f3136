package io.sluice.core.listener;

import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted for one listener, over all its sockets. */
final class ListenerMeters {

  final Counter bytesIn;
  final Counter bytesOut;
  final AtomicInteger connections = new AtomicInteger();

  ListenerMeters(MeterScope scope, String listener) {
    bytesIn = scope.counter(MetricNames.BYTES, "listener", listener, "direction", "in");
    bytesOut = scope.counter(MetricNames.BYTES, "listener", listener, "direction", "out");
    scope.gauge(
        MetricNames.DOWNSTREAM_CONNECTIONS,
        connections::get,
        "listener",
        listener,
        "protocol",
        "http1");
  }
}
