package io.sluice.core.route;

import io.sluice.api.tls.ClientIdentity;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a route may look at beside the request's head. Asked only when a route needs it, on the
 * exchange's event loop.
 */
public interface MatchInput {

  /** The name of the listener that accepted the connection. */
  String listener();

  /** The client's address after trusted proxies were believed; null when it has none. */
  @Nullable InetAddress client();

  /** Who the client is by its verified certificate; null when it showed none. */
  default @Nullable ClientIdentity identity() {
    return null;
  }
}
