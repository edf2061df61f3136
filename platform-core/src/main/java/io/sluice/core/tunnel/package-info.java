/**
 * Connections whose octets pass unread: those of listeners with {@code protocol = tcp} or {@code
 * tls-passthrough}, and the framing of WebSockets as far as a proxy has to know it. Start reading
 * at {@link io.sluice.core.tunnel.TcpTunnel}.
 */
@NullMarked
package io.sluice.core.tunnel;

import org.jspecify.annotations.NullMarked;
