package io.sluice.core.exchange;

import io.netty.util.NetUtil;
import io.sluice.api.http.HeaderName;
import io.sluice.core.http.ParsedRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Who really asked, worked out once an exchange and only where someone wants to know. */
final class ClientAddress {

  private static final HeaderName X_FORWARDED_FOR = HeaderName.of("X-Forwarded-For");
  private static final HeaderName FORWARDED = HeaderName.of("Forwarded");

  private @Nullable InetAddress address;
  private boolean known;

  void reset() {
    known = false;
  }

  /** The address; null for a Unix-domain socket. */
  @Nullable InetAddress address(Downstream downstream, ParsedRequest request) {
    if (known) {
      return address;
    }
    known = true;
    address = null;
    if (downstream.connectedFrom() instanceof InetSocketAddress peer) {
      address = peer.getAddress();
      if (downstream.peerIsTrusted() && address != null) {
        address =
            downstream
                .trustedProxies()
                .clientOf(
                    address,
                    request.headers().all(X_FORWARDED_FOR),
                    request.headers().all(FORWARDED));
      }
    }
    return address;
  }

  SocketAddress socket(Downstream downstream, ParsedRequest request) {
    SocketAddress peer = downstream.connectedFrom();
    InetAddress client = address(downstream, request);
    if (client == null
        || (peer instanceof InetSocketAddress inet && client.equals(inet.getAddress()))) {
      return peer;
    }
    return new InetSocketAddress(client, 0);
  }

  String text(Downstream downstream, ParsedRequest request) {
    InetAddress client = address(downstream, request);
    return client == null ? "unix" : NetUtil.toAddressString(client);
  }
}
