package io.sluice.core.upstream;

import io.netty.handler.ssl.SslHandler;
import io.sluice.core.transport.tls.ClientTls;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a connection.
 *
 * @param settings what it was made with, compared by identity
 * @param name that the endpoint was asked to prove, unless the settings say another one
 */
record Secured(SslHandler handler, @Nullable Object settings, String name) {

  /** Whether a new connection to {@code endpoint} would be made otherwise. */
  boolean isOutdated(@Nullable ClientTls now, EndpointState endpoint) {
    return settings != null
        && now != null
        && (settings != now.settings() || !name.equals(endpoint.serverName()));
  }
}
