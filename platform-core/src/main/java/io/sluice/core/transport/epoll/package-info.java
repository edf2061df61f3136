/** Sockets of our own on Netty's epoll: every octet of the data path passes through them. */
@NullMarked
package io.sluice.core.transport.epoll;

import org.jspecify.annotations.NullMarked;
