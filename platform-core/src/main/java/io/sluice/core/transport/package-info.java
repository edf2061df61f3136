/**
 * Event loops, the sockets they serve and the deadlines they watch. Start reading at {@link
 * io.sluice.core.transport.EventLoops}.
 */
@NullMarked
package io.sluice.core.transport;

import org.jspecify.annotations.NullMarked;
