package io.sluice.plugin.ipfilter;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.observe.Meters;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;

/**
 * Lets a client pass that {@code deny} does not name and, where {@code allow} names anyone, {@code
 * allow} does. Others are answered 403. A client without an IP address, on a Unix-domain socket, is
 * on no list.
 */
final class IpFilterMiddleware implements Middleware {

  private final IpFilterConfig config;
  private final Meters.Counter denied;

  IpFilterMiddleware(IpFilterConfig config, Meters.Counter denied) {
    this.config = config;
    this.denied = denied;
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    if (passes(exchange.client())) {
      return Flow.CONTINUE;
    }
    denied.increment();
    return exchange.refuse(ErrorKind.DENIED, Map.of());
  }

  private boolean passes(SocketAddress client) {
    if (!(client instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return config.allow().isEmpty();
    }
    Address address = Address.of(inet.getAddress().getAddress());
    return !config.deny().contains(address)
        && (config.allow().isEmpty() || config.allow().contains(address));
  }
}
