package io.sluice.core.listener;

import io.netty.handler.ssl.SslHandler;
import io.sluice.core.transport.tls.Admission;

/**
 * The TLS under a connection whose handshake is done.
 *
 * @param admission what let the client in
 */
record DownstreamTls(SslHandler handler, Admission admission) {}
