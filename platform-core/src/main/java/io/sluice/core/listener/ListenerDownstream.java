package io.sluice.core.listener;

import io.sluice.api.tls.ClientIdentity;
import io.sluice.core.exchange.Downstream;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.TrustedProxies;
import io.sluice.core.transport.LoopContext;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The client's side of an exchange, as far as {@link ClientSide} answers for every protocol. */
interface ListenerDownstream extends Downstream {

  /** Who the client is. */
  ClientSide client();

  @Override
  default LoopContext loop() {
    return client().loop();
  }

  @Override
  default SocketAddress peer() {
    return client().ends().peer();
  }

  @Override
  default SocketAddress local() {
    return client().ends().local();
  }

  @Override
  default SocketAddress connectedFrom() {
    return client().ends().client();
  }

  @Override
  default String peerIp() {
    return client().peerIp();
  }

  @Override
  default TrustedProxies trustedProxies() {
    return client().config().trustedProxies();
  }

  @Override
  default boolean peerIsTrusted() {
    return client().trusted();
  }

  @Override
  default @Nullable ClientIdentity clientIdentity() {
    return client().identity();
  }

  @Override
  default ForwardedLines forwarded() {
    return client().forwarded();
  }

  @Override
  default boolean allowsUpgrade(String protocol) {
    return client().config().upgrades().contains(protocol);
  }

  @Override
  default long tunnelIdleNanos() {
    return client().config().timeouts().tunnelIdle().toNanos();
  }
}
