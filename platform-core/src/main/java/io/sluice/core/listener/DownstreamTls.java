package io.sluice.core.listener;

import io.netty.handler.ssl.SslHandler;
import io.sluice.api.tls.ClientIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The TLS under a connection whose handshake is done.
 *
 * @param client who the client is by its verified certificate; null when it showed none
 */
record DownstreamTls(SslHandler handler, @Nullable ClientIdentity client) {}
