/**
 * Bound sockets, the connections they accept and the HTTP/1.1 spoken on them. Start reading at
 * {@link io.sluice.core.listener.ListenerSocket}, then {@link
 * io.sluice.core.listener.HttpConnection}.
 */
@NullMarked
package io.sluice.core.listener;

import org.jspecify.annotations.NullMarked;
