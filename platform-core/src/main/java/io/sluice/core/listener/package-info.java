/**
 * Bound sockets, the connections they accept and the HTTP spoken on them. Start reading at {@link
 * io.sluice.core.listener.ListenerSocket}, then {@link io.sluice.core.listener.HttpConnection} for
 * HTTP/1.1 and {@link io.sluice.core.listener.Http2ClientConnection} for HTTP/2.
 */
@NullMarked
package io.sluice.core.listener;

import org.jspecify.annotations.NullMarked;
