package io.sluice.core.tunnel;

import io.sluice.api.observe.AccessLog;
import io.sluice.core.observe.Counter;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import io.sluice.core.upstream.Upstream;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a generation says of a listener whose octets pass unread. Immutable. */
public final class TunnelPlan {

  private final String listener;
  private final TunnelConfig config;
  private final ServerNames<Upstream> upstreams;
  private final @Nullable AccessLog accessLog;
  private final Counter received;
  private final Counter sent;

  /**
   * A plan.
   *
   * @param upstreams by name; every one that {@code config} names is there
   * @param accessLog null for none
   */
  public TunnelPlan(
      String listener,
      TunnelConfig config,
      Map<String, Upstream> upstreams,
      @Nullable AccessLog accessLog,
      MeterScope meters) {
    this.listener = listener;
    this.config = config;
    this.upstreams =
        new ServerNames<>(
            config.targets().stream()
                .map(
                    target ->
                        new ServerNames.Entry<>(
                            target.pattern(),
                            Objects.requireNonNull(upstreams.get(target.upstream()))))
                .toList());
    this.accessLog = accessLog;
    this.received = meters.counter(MetricNames.BYTES, "listener", listener, "direction", "in");
    this.sent = meters.counter(MetricNames.BYTES, "listener", listener, "direction", "out");
  }

  /** The name of the listener. */
  String listener() {
    return listener;
  }

  /** Whether the server name of a TLS handshake decides. */
  boolean peeks() {
    return config.peeks();
  }

  /** How long both sides may be silent. */
  long idleNanos() {
    return config.idle().toNanos();
  }

  /** How long the client may take to say where it wants to go. */
  long handshakeNanos() {
    return config.handshake().toNanos();
  }

  /** Where to, or null where nothing is configured for that name. */
  @Nullable Upstream upstream(@Nullable String serverName) {
    return upstreams.find(serverName);
  }

  @Nullable AccessLog accessLog() {
    return accessLog;
  }

  Counter received() {
    return received;
  }

  Counter sent() {
    return sent;
  }
}
