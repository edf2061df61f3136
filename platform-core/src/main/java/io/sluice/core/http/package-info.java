/**
 * HTTP/1.1 messages as octets: the framing guard that decides what is a message (RFC 9112), heads
 * kept in the buffer they came in, and the rules of forwarding (RFC 9110 §7.6). Start reading at
 * {@link io.sluice.core.http.RequestParser}.
 */
@NullMarked
package io.sluice.core.http;

import org.jspecify.annotations.NullMarked;
