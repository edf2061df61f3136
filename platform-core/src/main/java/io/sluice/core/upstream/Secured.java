package io.sluice.core.upstream;

import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a connection.
 *
 * @param settings what it was made with, compared by identity
 */
record Secured(SslHandler handler, @Nullable Object settings) {}
