/**
 * Octets through real sockets: a client and an endpoint that know nothing of HTTP beyond what they
 * send and find, and the whole platform in between. Start reading at {@link
 * io.sluice.core.wire.ForwardingTest}.
 */
@NullMarked
package io.sluice.core.wire;

import org.jspecify.annotations.NullMarked;
